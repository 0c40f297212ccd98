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
    public async Task Half_of_a_surrogate_pair_inside_the_text_of_arguments_is_replaced()
    {
        await using var server = await OpenAiServer.StartAsync();
        const string Body = """
            {"model":"tooling","messages":[{"role":"user","content":"hi"},
             {"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"q\":\"\\ud83d\"}"}}]},
             {"role":"tool","tool_call_id":"c","content":"ok"}]}
            """;

        (await server.Root.PostAsync(Path, Body)).ShouldBeOk().Text.ShouldContain("The tool said ok");
    }

    [Fact]
    public async Task Half_of_a_surrogate_pair_inside_an_answer_is_replaced()
    {
        await using var server = await OpenAiServer.StartAsync();
        var thread = $$""","metadata":{"thread_id":"{{Guid.NewGuid()}}"}""";
        (await server.Root.PostAsync(Path, ChatTests.Chat("choosing", "hi", thread))).ShouldBeOk();

        var answered = await server.Root.PostAsync(
            Path, """{"model":"choosing","messages":[{"role":"user","content":"[\"\\ud83d\"]"}]""" + thread + "}");

        answered.ShouldBeOk().Text.ShouldContain("you chose");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"store":1,"background":false,"conversation":null,"previous_response_id":null}""")]
    public async Task A_run_whose_config_looks_like_a_response_is_none(string echo)
    {
        await using var server = await OpenAiServer.StartAsync();
        var threadId = (await server.Root.PostAsync("/threads", "{}")).ShouldBeOk().Json.Text("thread_id");
        var run = (await server.Root.PostAsync(
            $"/threads/{threadId}/runs", $$"""{"assistant_id":"echo","input":{},"config":{"openai":{{echo}} } }""")).ShouldBeOk().Json;
        var path = $"/v1/responses/resp_{run.Text("run_id").Replace("-", "", StringComparison.Ordinal)}";

        (await server.Root.GetAsync(path)).ShouldBe(HttpStatusCode.NotFound);
        (await server.Root.DeleteAsync(path)).ShouldBe(HttpStatusCode.NotFound);
        (await server.Root.GetAsync($"/threads/{threadId}/runs/{run.Text("run_id")}")).ShouldBeOk();
    }

    [Fact]
    public async Task Clients_do_not_repeat_a_run_that_failed()
    {
        await using var server = await OpenAiServer.StartAsync();

        var failed = await server.Root.PostAsync(Path, ChatTests.Chat("broken", "hi"));

        failed.ShouldBe(HttpStatusCode.InternalServerError).Header("x-should-retry").ShouldBe("false");
    }

    [Fact]
    public async Task A_response_that_was_cancelled_in_the_queue_cannot_be_continued()
    {
        await using var server = await OpenAiServer.StartAsync();
        var body = $$"""{"model":"gated","input":"go","background":true,"conversation":"{{Guid.NewGuid()}}"}""";
        (await server.Root.PostAsync("/v1/responses", body)).ShouldBeOk();
        await server.Gates.Of("").EnteredAsync();
        var queued = (await server.Root.PostAsync("/v1/responses", body)).ShouldBeOk().Json.Text("id");
        (await server.Root.PostAsync($"/v1/responses/{queued}/cancel")).ShouldBeOk().Json.Text("status").ShouldBe("cancelled");
        server.Gates.Of("").Open();

        var refused = await server.Root.PostAsync(
            "/v1/responses", $$"""{"model":"echo","input":"on","previous_response_id":"{{queued}}"}""");

        var error = refused.ShouldBe(HttpStatusCode.Conflict).Json.GetProperty("error");
        error.Text("param").ShouldBe("previous_response_id");
        error.Text("message").ShouldContain("no state");
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
