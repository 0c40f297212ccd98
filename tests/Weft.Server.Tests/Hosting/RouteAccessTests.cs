using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server.Tests.Hosting;

/// <summary>Each route says what its calls do, so that authorization can't be forgotten.</summary>
public sealed class RouteAccessTests(SharedServer shared)
{
    private static readonly string[] Writes = [HttpMethods.Delete, HttpMethods.Patch, HttpMethods.Put];

    [Fact]
    public void Each_route_has_a_rule_or_is_open()
    {
        var routes = Routes();
        routes.Count.ShouldBeGreaterThan(200);
        routes.Where(route => AccessOf(route) is null && route.Metadata.GetMetadata<OpenRoute>() is null)
            .Select(NameOf)
            .ShouldBeEmpty("Add WithAccess(resource, action) to these routes.");
    }

    [Fact]
    public void Only_routes_that_need_no_caller_are_open() =>
        Routes()
            .Where(route => route.Metadata.GetMetadata<OpenRoute>() is not null)
            .Select(route => route.RoutePattern.RawText!.Split('/')[^1])
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ShouldBe(["info", "ok", "openapi.json", "{token}"]);

    [Fact]
    public void A_route_that_writes_is_not_declared_as_one_that_reads() =>
        Routes()
            .Where(route => MethodsOf(route).Any(method => Writes.Contains(method))
                && AccessOf(route) is not { Action: AccessAction.Delete or AccessAction.Update or AccessAction.Put })
            .Select(NameOf)
            .ShouldBeEmpty();

    [Fact]
    public void A_route_that_removes_is_declared_as_one() =>
        Routes()
            .Where(route => MethodsOf(route).Contains(HttpMethods.Delete) != (AccessOf(route)?.Action == AccessAction.Delete)
                && !NameOf(route).EndsWith("/threads/prune", StringComparison.Ordinal))
            .Select(NameOf)
            .ShouldBeEmpty();

    private static RouteAccess? AccessOf(RouteEndpoint route) => route.Metadata.GetMetadata<RouteAccess>();

    private static IReadOnlyList<string> MethodsOf(RouteEndpoint route) =>
        route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];

    private static string NameOf(RouteEndpoint route) => $"{string.Join(',', MethodsOf(route))} {route.RoutePattern.RawText}";

    private List<RouteEndpoint> Routes() => [.. shared.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints
        .OfType<RouteEndpoint>()
        .Where(static route => route.Metadata.GetMetadata<WeftEndpoint>() is { Kind: WeftEndpointKind.Route })];
}
