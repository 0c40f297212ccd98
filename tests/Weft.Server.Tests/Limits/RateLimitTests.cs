using System.Net;
using Microsoft.AspNetCore.Builder;
using static Weft.Server.Tests.Access.AccessServer;

namespace Weft.Server.Tests.Limits;

/// <summary>How often an actor may send requests.</summary>
public sealed class RateLimitTests
{
    private const string Refusal = "The caller may send at most 1 requests per minute. Try again later.";

    [Fact]
    public async Task An_actor_that_sends_too_much_is_refused_and_others_are_not()
    {
        await using var server = await StartAsync(perMinute: 1, burst: 5);
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => (i % 2 == 0 ? server.Root : server.Gateway).GetAsync(
            i % 3 == 0 ? "/assistants/echo" : $"/threads/{Guid.NewGuid()}", Ada)));

        answers.Count(static answer => answer.Status == 429).ShouldBe(7);
        var refused = answers.First(static answer => answer.Status == 429);
        refused.Detail.ShouldBe(Refusal);
        int.Parse(refused.Header("Retry-After")!).ShouldBeInRange(1, 60);
        (await server.Root.GetAsync("/assistants/echo", Bob)).ShouldBeOk();
        (await server.Root.PostAsync("/threads", null, Ada)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task A_refused_caller_is_served_again_when_it_has_waited()
    {
        await using var server = await StartAsync(perMinute: 120, burst: 1);
        (await server.Root.GetAsync("/assistants/echo", Ada)).ShouldBeOk();
        Answer refused;
        do
        {
            refused = await server.Root.GetAsync("/assistants/echo", Ada);
        }
        while (refused.Status == 200);

        refused.Header("Retry-After").ShouldBe("1");
        // The limiter looks ten times a second.
        await Task.Delay(TimeSpan.FromSeconds(1.2), TestContext.Current.CancellationToken);
        (await server.Root.GetAsync("/assistants/echo", Ada)).ShouldBeOk();
    }

    [Fact]
    public async Task Errors_have_the_form_of_the_route()
    {
        await using var server = await StartAsync(perMinute: 1, burst: 1);
        (await server.Root.GetAsync("/v1/models", Ada)).ShouldBeOk();

        var error = (await server.Root.GetAsync("/v1/models", Ada)).ShouldBe(HttpStatusCode.TooManyRequests).Json.GetProperty("error");
        error.Text("code").ShouldBe("rate_limit_exceeded");
        error.Text("message").ShouldBe(Refusal);
    }

    [Fact]
    public async Task Checks_and_routes_of_the_application_are_not_counted()
    {
        await using var server = await TestServer.StartAsync(
            configure: static options => (options.RequestsPerMinuteMax, options.RequestBurstMax) = (1, 1),
            use: static app => app.MapGet("/threads/own", static () => "own"));
        for (var i = 0; i < 5; i++)
        {
            (await server.Root.GetAsync("/ok")).ShouldBeOk();
            (await server.Gateway.GetAsync("/info")).ShouldBeOk();
            (await server.Root.GetAsync("/openapi.json")).ShouldBeOk();
            (await server.Root.GetAsync("/threads/own")).Text.ShouldBe("own");
        }

        (await server.Root.GetAsync("/assistants/echo")).ShouldBeOk();
        (await server.Root.GetAsync("/assistants/echo")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await server.Root.GetAsync("/threads/own")).Text.ShouldBe("own");
    }

    [Fact]
    public async Task Anonymous_callers_are_told_apart_by_their_addresses()
    {
        await using var server = await TestServer.StartAsync(
            configure: static options => (options.RequestsPerMinuteMax, options.RequestBurstMax) = (1, 1),
            use: static app => app.Use(static async (http, next) =>
            {
                http.Connection.RemoteIpAddress = IPAddress.Parse(http.Request.Headers["x-address"].ToString());
                await next(http);
            }));
        (await server.Root.GetAsync("/assistants/echo", ("x-address", "10.0.0.1"))).ShouldBeOk();
        (await server.Root.GetAsync("/assistants/echo", ("x-address", "10.0.0.1"))).ShouldBe(HttpStatusCode.TooManyRequests);
        (await server.Root.GetAsync("/assistants/echo", ("x-address", "10.0.0.2"))).ShouldBeOk();
    }

    [Fact]
    public async Task Commands_of_a_socket_count_as_requests_do()
    {
        await using var server = await TestServer.StartAsync(
            configure: static options => (options.RequestsPerMinuteMax, options.RequestBurstMax) = (1, 3));
        var thread = await server.Root.NewThreadAsync();
        using var socket = await SocketClient.OpenAsync(server.Root, thread);
        (await socket.CommandAsync(1, "state.get")).Text("type").ShouldBe("success");

        var refused = await socket.CommandAsync(2, "state.get");
        refused.Text("error").ShouldBe("unknown_error");
        refused.Text("message").ShouldBe(Refusal);
        using var second = await SocketClient.OpenAsync(server.Root, thread);
        (await second.ClosedAsync()).ShouldBe(4429);
    }

    private static Task<TestServer> StartAsync(int perMinute, int burst) => TestServer.StartAsync(
        configure: options => (options.RequestsPerMinuteMax, options.RequestBurstMax) = (perMinute, burst),
        add: static weft => HeaderUsers.Add(weft.Services));
}
