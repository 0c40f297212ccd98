using System.Net;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Server.Tests;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Serving;

/// <summary>What clients see of models, tools and answers that go wrong, and that the thread can be used afterwards.</summary>
public sealed class BadInputTests
{
    private readonly TrackedTools _tools = new();

    public static TheoryData<string, string, string> ModelFailures => new()
    {
        { "timeout", "TimeoutException", "The model took too long." },
        { "cancelled", "TaskCanceledException", "The request was canceled due to the configured HttpClient.Timeout." },
        { "429", "HttpRequestException", "Too many requests." },
        { "500", "HttpRequestException", "Internal server error." },
        { "cut", "HttpIOException", "The response ended prematurely." },
    };

    [Theory]
    [MemberData(nameof(ModelFailures))]
    public async Task A_failure_of_the_model_ends_the_run_with_an_error_and_the_thread_goes_on(string kind, string error, string message)
    {
        using var client = new ScriptedChatClient(FailingAs(kind), Says("m2", "Hel", "lo."));
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("agent", client));
        var thread = await server.Api.NewThreadAsync();

        using (var stream = await server.Api.StreamAsync(
            $"/threads/{thread}/runs/stream",
            """{"assistant_id":"agent","input":{"messages":"one"},"stream_mode":["values","messages-tuple"]}"""))
        {
            var frames = await stream.ToEndAsync();
            var failure = frames.Single(frame => frame.Event == "error").Json;
            failure.Text("error").ShouldBe(error);
            failure.Text("message")!.ShouldStartWith(message);
            frames.ShouldContain(frame => frame.Event == "messages" && frame.Data.Contains("Hel"));
        }

        (await server.Api.GetAsync($"/threads/{thread}")).String("status").ShouldBe("error");
        (await server.Api.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").GetProperty("messages").GetArrayLength().ShouldBe(1);

        var values = (await server.SayAsync(thread, "agent", "two")).ShouldBeOk();
        values.Json.GetProperty("messages").EnumerateArray().Select(said => said.Content()).ShouldBe(["one", "two", "Hello."]);
        (await server.Api.GetAsync($"/threads/{thread}")).String("status").ShouldBe("idle");
    }

    [Fact]
    public async Task A_failed_call_of_the_model_is_repeated_if_the_options_say_so()
    {
        using var client = new ScriptedChatClient(FailingAs("429"), Says("m2", "Hel", "lo."));
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("agent", client, options: new AgentGraphOptions
        {
            ModelRetry = new() { InitialInterval = TimeSpan.Zero, Jitter = false },
        }));

        var values = (await server.SayAsync(await server.Api.NewThreadAsync(), "agent", "one")).ShouldBeOk();

        values.Json.GetProperty("messages").EnumerateArray().Select(said => said.Content()).ShouldBe(["one", "Hello."]);
    }

    [Fact]
    public async Task Arguments_that_are_not_json_or_do_not_fit_and_unknown_tools_are_told_to_the_model()
    {
        var add = AIFunctionFactory.Create((int a, int b) => a + b, "add");
        var unreadable = new FunctionCallContent("1", "add", null) { Exception = new FormatException("Expected a value at 7.") };
        using var client = new ScriptedChatClient(
            ScriptedAnswer.OfUpdates(Piece(null, unreadable)),
            Calls(("2", "add", new() { ["a"] = "one", ["b"] = 2 }), ("3", "add", new() { ["a"] = 1 }), ("4", "sub", [])),
            Says(null, "I can't reckon."),
            Says(null, "Sorry."));
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("agent", client, [add]));
        var thread = await server.Api.NewThreadAsync();

        var values = (await server.SayAsync(thread, "agent", "1+2?")).ShouldBeOk();

        var messages = values.Json.GetProperty("messages").EnumerateArray().ToList();
        var results = messages.Where(message => message.Text("type") == "tool").ToList();
        results.ShouldAllBe(result => result.Text("status") == "error");
        results.Select(result => result.Text("tool_call_id")).ShouldBe(["1", "2", "3", "4"]);
        results[0].Content()
            .ShouldBe("Error: the call was not made, because its arguments must be a JSON object. Expected a value at 7.");
        results[3].Content().ShouldBe("Error: sub is not a tool; there are add.");
        messages[1].GetProperty("invalid_tool_calls")[0].Text("error").ShouldBe("Expected a value at 7.");
        messages[^1].Content().ShouldBe("I can't reckon.");
        var call = client.Calls[1].Messages[1].Contents.OfType<FunctionCallContent>().ShouldHaveSingleItem();
        call.Arguments!.ShouldBeEmpty();

        (await server.SayAsync(thread, "agent", "why?")).ShouldBeOk().Text.ShouldContain("Sorry.");
    }

    [Fact]
    public async Task A_tool_that_throws_or_returns_megabytes_does_not_end_the_run()
    {
        var broken = AIFunctionFactory.Create(string () => throw new InvalidOperationException("no disk"), "broken");
        var dump = AIFunctionFactory.Create(() => new string('x', 5_000_000), "dump");
        using var client = new ScriptedChatClient(Calls(("1", "broken", []), ("2", "dump", [])), Says(null, "Sorry."));
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("agent", client, [broken, dump]));

        var values = (await server.SayAsync(await server.Api.NewThreadAsync(), "agent", "go")).ShouldBeOk();

        var messages = values.Json.GetProperty("messages").EnumerateArray().ToList();
        messages[2].Content().ShouldBe("Error: no disk");
        messages[3].Content().ShouldEndWith("[Cut: the result has 5000000 characters, and only the first 100000 are here.]");
        messages[^1].Content().ShouldBe("Sorry.");
    }

    [Fact]
    public async Task A_run_whose_tool_hangs_can_be_cancelled_and_the_thread_goes_on()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hang = AgentTool.Create(
            async (CancellationToken stop) =>
            {
                entered.TrySetResult();
                await Task.Delay(Timeout.Infinite, stop);
            },
            "hang");
        using var client = new ScriptedChatClient(Calls(("1", "hang", [])), Says(null, "It hung."));
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("agent", client, [hang]));
        var thread = await server.Api.NewThreadAsync();
        var run = await server.Api.PostAsync($"/threads/{thread}/runs", """{"assistant_id":"agent","input":{"messages":"go"}}""");
        await entered.Task.Within("the tool to be called");

        (await server.Api.PostAsync($"{run.RunPath}/cancel?wait=true")).ShouldBeOk();

        (await server.Api.GetAsync(run.RunPath)).String("status").ShouldBe("interrupted");
        var values = (await server.SayAsync(thread, "agent", "what happened?")).ShouldBeOk();
        values.Json.GetProperty("messages").EnumerateArray().Select(message => message.Text("type"))
            .ShouldBe(["human", "ai", "tool", "human", "ai"]);
        values.Json.GetProperty("messages")[2].Content()
            .ShouldBe("The call of hang was stopped before it was done; whether it had an effect is not known.");
    }

    [Fact]
    public async Task An_approval_of_the_wrong_shape_is_asked_again_and_one_that_comes_twice_does_nothing()
    {
        using var client = new ScriptedChatClient(Calls(("1", "pay", new() { ["x"] = "Ann" })), Says(null, "Paid."), Says(null, "Again?"));
        await using var server = await AgentServer.StartAsync(
            weft => weft.AddAgent("agent", client, [new ApprovalRequiredAIFunction(_tools.Create("pay"))]));
        var thread = await server.Api.NewThreadAsync();
        await server.SayAsync(thread, "agent", "pay");

        var asked = (await server.ResumeAsync(thread, "agent", """{"decisions":[{"type":"perhaps"}]}""")).ShouldBeOk();
        var question = asked.Json.GetProperty("__interrupt__")[0].GetProperty("value");
        question.Text("problem")!.ShouldStartWith("decisions[0]: {\"type\":\"perhaps\"} is not an answer.");
        _tools.Ran.ShouldBeEmpty();

        var paid = (await server.ResumeAsync(thread, "agent", """{"decisions":[{"type":"approve"}]}""")).ShouldBeOk();
        paid.Text.ShouldContain("Paid.");
        var twice = await server.ResumeAsync(thread, "agent", """{"decisions":[{"type":"approve"}]}""");

        _tools.Ran.ShouldBe(["pay:Ann"]);
        twice.ShouldBeOk().Text.ShouldBe(paid.Text);
        (await server.SayAsync(thread, "agent", "thanks")).ShouldBeOk().Text.ShouldContain("Again?");
    }

    [Fact]
    public async Task A_person_may_answer_in_place_of_the_tool()
    {
        using var client = new ScriptedChatClient(Calls(("1", "pay", []), ("2", "pay", [])), Says(null, "Good."));
        await using var server = await AgentServer.StartAsync(
            weft => weft.AddAgent("agent", client, [new ApprovalRequiredAIFunction(_tools.Create("pay"))]));
        var thread = await server.Api.NewThreadAsync();
        await server.SayAsync(thread, "agent", "pay");

        var bad = (await server.ResumeAsync(thread, "agent", """[{"type":"approve"},{"type":"respond"}]""")).ShouldBeOk();
        bad.Json.GetProperty("__interrupt__")[0].GetProperty("value").Text("problem")
            .ShouldBe("""decisions[1]: a reply needs a text: {"type":"respond","message":…}.""");

        var values = (await server.ResumeAsync(
            thread, "agent", """[{"type":"approve"},{"type":"respond","message":"I paid Bob in cash."}]""")).ShouldBeOk();
        var reply = values.Json.GetProperty("messages")[3];
        reply.Content().ShouldBe("I paid Bob in cash.");
        reply.TryGetProperty("status", out _).ShouldBeFalse();
        _tools.Ran.ShouldBe(["pay:"]);
    }

    /// <summary>An answer that breaks in the middle.</summary>
    private static ScriptedAnswer FailingAs(string kind) => Says("m1", "Hel").ThenFails(kind switch
    {
        "timeout" => new TimeoutException("The model took too long."),
        "cancelled" => new TaskCanceledException("The request was canceled due to the configured HttpClient.Timeout."),
        "429" => new HttpRequestException("Too many requests.", null, HttpStatusCode.TooManyRequests),
        "500" => new HttpRequestException("Internal server error.", null, HttpStatusCode.InternalServerError),
        _ => new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely."),
    });
}
