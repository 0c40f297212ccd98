using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Server.Tests.Authentication;

/// <summary>A server that requires API keys.</summary>
public sealed class RequiredKeyTests
{
    [Fact]
    public async Task The_application_says_whom_a_key_acts_for()
    {
        await using var server = await TestServer.StartAsync(
            configure: static options => options.ActorOf = static http => http.User.Identity?.Name?.ToUpperInvariant(),
            add: static weft => weft.RequireApiKeys());
        var keys = server.Services.GetRequiredService<ApiKeysFacade>();
        var (ada, _) = await keys.CreateAsync(new() { Name = "one", Owner = "ada" }, TestContext.Current.CancellationToken);
        var (other, _) = await keys.CreateAsync(new() { Name = "two", Owner = "ADA" }, TestContext.Current.CancellationToken);
        var (bob, _) = await keys.CreateAsync(new() { Name = "three", Owner = "bob" }, TestContext.Current.CancellationToken);
        var thread = (await server.Root.PostAsync("/threads", "{}", ("x-api-key", ada))).ShouldBeOk().String("thread_id");

        (await server.Root.GetAsync($"/threads/{thread}", ("x-api-key", other))).ShouldBeOk();
        (await server.Root.GetAsync($"/threads/{thread}", ("x-api-key", bob))).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Every_route_needs_a_key_except_the_open_ones()
    {
        await using var server = await TestServer.StartAsync(add: static weft => weft.RequireApiKeys());
        var routes = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<WeftEndpoint>()?.Kind == WeftEndpointKind.Route)
            .ToList();

        routes.Count.ShouldBeGreaterThan(100);
        foreach (var route in routes)
        {
            var path = "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(
                part => part is RoutePatternLiteralPart text ? text.Content : "00000000-0000-0000-0000-000000000001"))));
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Where(method => method != "CONNECT"))
            {
                var answer = await server.Root.SendAsync(HttpMethod.Parse(method), path, method is "GET" or "HEAD" ? null : "{}");
                var isOpen = route.Metadata.GetMetadata<OpenRoute>() is not null;
                (answer.Status == (int)HttpStatusCode.Unauthorized).ShouldBe(!isOpen, $"{method} {path} answered {answer.Status}");
            }
        }
    }
}
