using System.Net;

namespace Weft.Server.Tests.OpenAi;

/// <summary>Errors that have nothing to do with the members of a request.</summary>
public sealed class RefusalTests
{
    private const string Path = "/v1/chat/completions";

    [Fact]
    public async Task A_server_with_too_much_to_do_answers_429_as_clients_expect_it()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options =>
        {
            options.ConcurrentRunsMax = 1;
            options.QueuedRunsMax = 1;
        });
        var (running, leave) = server.Root.Begin(HttpMethod.Post, Path, ChatTests.Chat("gated", "go"));
        using (leave)
        {
            await server.Gates.Of("").EnteredAsync();
            await server.Root.PostAsync("/runs", Bodies.Echo());

            var refused = await server.Root.PostAsync(Path, ChatTests.Chat("echo", "hi"));

            refused.ShouldBe(HttpStatusCode.TooManyRequests).Header("Retry-After").ShouldBe("5");
            var error = refused.Json.GetProperty("error");
            error.Text("type").ShouldBe("rate_limit_error");
            error.Text("code").ShouldBe("rate_limit_exceeded");
            server.Gates.Of("").Open();
            await running.Within("the answer");
        }
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.RequestBodyBytesMax = 1_000);

        var refused = await server.Root.PostAsync(Path, ChatTests.Chat("echo", new string('a', 2_000)));

        refused.ShouldBe(HttpStatusCode.RequestEntityTooLarge).Json.GetProperty("error").Text("type").ShouldBe("invalid_request_error");
    }

    [Fact]
    public async Task Settings_that_are_too_large_are_refused()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options => options.ConfigBytesMax = 1_000);
        var tools = $$""","tools":[{"type":"function","function":{"name":"f","description":"{{new string('a', 2_000)}}"} }]""";

        var refused = await server.Root.PostAsync(Path, ChatTests.Chat("echo", "hi", tools));

        refused.ShouldBe(HttpStatusCode.BadRequest).Json.GetProperty("error").Text("param").ShouldBe("tools");
    }

    [Fact]
    public async Task A_server_that_stops_says_so()
    {
        var gates = new Gates();
        await using var server = await OpenAiServer.StartAsync(gates: gates);
        using var stream = await server.Root.StreamAsync(Path, ChatTests.Chat("gated", "go", ""","stream":true"""));
        await gates.Of("").EnteredAsync();

        var stopping = server.StopAsync();
        var frames = await stream.ToEndAsync();

        frames[^2].Json.GetProperty("error").Text("message").ShouldContain("stopping");
        frames[^1].Data.ShouldBe("[DONE]");
        await stopping;
    }
}
