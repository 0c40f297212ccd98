using System.Text.Json;
using static Weft.Server.Tests.AgUiCalls;

namespace Weft.Server.Tests.AgUi;

/// <summary>The events of runs, in the order that clients require.</summary>
public sealed class RunTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_conversation_has_the_events_of_the_protocol()
    {
        var thread = NewId();

        var client = await Root.AgUiAsync("echo", Body(thread, User("hello", "u-1"), ""","parentRunId":"before" """));

        client.Short.ShouldBe(
        [
            "RUN_STARTED", "STATE_SNAPSHOT", "STEP_STARTED answer", "TEXT_MESSAGE_START assistant", "TEXT_MESSAGE_CONTENT echo: hello",
            "TEXT_MESSAGE_END", "STEP_FINISHED answer", "STATE_SNAPSHOT", "MESSAGES_SNAPSHOT", "RUN_FINISHED",
        ]);
        client.Events[0].ShouldBeJson($$"""
            {"type":"RUN_STARTED","threadId":"{{thread}}","runId":"run of {{thread}}","parentRunId":"before","protocolVersion":"1.0"}
            """);
        client.Last.ShouldBeJson(
            $$$"""{"type":"RUN_FINISHED","threadId":"{{{thread}}}","runId":"run of {{{thread}}}","result":{}}""");
        client.WeftThreadId.ShouldBe(thread);
        var streamed = client.Of("TEXT_MESSAGE_START").Single().Text("messageId");
        client.Messages.Select(message => (message.Text("role"), message.Text("content"))).ShouldBe(
            [("user", "hello"), ("assistant", "echo: hello")]);
        client.Messages.Select(message => message.Text("id")).ShouldBe(["u-1", streamed]);
        (await Root.StateAsync(client)).Texts().ShouldBe(["hello", "echo: hello"]);
    }

    [Fact]
    public async Task Reasoning_text_and_calls_are_streamed_and_tokens_are_counted()
    {
        var client = await Root.AgUiAsync("showing", Body(NewId()));

        client.Short.ShouldBe(
        [
            "RUN_STARTED", "STEP_STARTED model", "CUSTOM custom", "CUSTOM progress", "REASONING_START",
            "REASONING_MESSAGE_START reasoning", "REASONING_MESSAGE_CONTENT Hm.", "REASONING_MESSAGE_END", "REASONING_END",
            "TEXT_MESSAGE_START assistant", "TEXT_MESSAGE_CONTENT Rome ", "TEXT_MESSAGE_CONTENT is", "TEXT_MESSAGE_END",
            "TOOL_CALL_START look", "TOOL_CALL_ARGS {\"q\":", "TOOL_CALL_ARGS \"rome\"}", "TOOL_CALL_END", "STEP_FINISHED model",
            "STATE_SNAPSHOT", "STEP_STARTED tools", "TOOL_CALL_RESULT tool", "STEP_FINISHED tools", "STATE_SNAPSHOT",
            "MESSAGES_SNAPSHOT", "RUN_FINISHED",
        ]);
        client.Of("CUSTOM").Select(e => e.GetProperty("value").GetRawText()).ShouldBe(["""{"percent":10}""", "50"]);
        client.Of("TOOL_CALL_START").Single().ShouldBeJson(
            """{"type":"TOOL_CALL_START","toolCallId":"call-1","toolCallName":"look","parentMessageId":"m-1"}""");
        client.Of("TOOL_CALL_RESULT").Single().ShouldBeJson(
            """{"type":"TOOL_CALL_RESULT","messageId":"t-1","toolCallId":"call-1","content":"42","role":"tool"}""");
        client.Streamed.ShouldBe(new Dictionary<string, string>
        {
            ["m-1-reasoning-0"] = "Hm.",
            ["m-1"] = "Rome is",
            ["call-1"] = """{"q":"rome"}""",
        });
        client.Last.GetProperty("usage").ShouldBeJson(
            """[{"provider":"acme","model":"small","inputTokens":9,"outputTokens":4,"totalTokens":13}]""");
        client.Messages[0].GetProperty("toolCalls").ShouldBeJson(
            """[{"id":"call-1","type":"function","function":{"name":"look","arguments":"{\"q\":\"rome\"}"}}]""");
        client.Messages[1].ShouldBeJson("""{"id":"t-1","role":"tool","content":"42","toolCallId":"call-1"}""");
    }

    [Fact]
    public async Task Tasks_of_one_node_that_run_at_once_are_one_step()
    {
        var client = await Root.AgUiAsync("fan", Body(NewId()));

        client.Short.Where(name => name.StartsWith("STEP", StringComparison.Ordinal)).ShouldBe(
            ["STEP_STARTED spread", "STEP_FINISHED spread", "STEP_STARTED work", "STEP_FINISHED work"]);
        client.Streamed.OrderBy(message => message.Key).Select(message => message.Value).ShouldBe(["part 1", "part 2", "part 3"]);
        client.Messages.Select(message => message.Text("content")).ShouldBe(["part 1", "part 2", "part 3"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_failing_run_ends_with_an_error()
    {
        var client = await Root.AgUiAsync("answering", Body(NewId(), User("fail", "u-1")));

        client.Last.Text("type").ShouldBe("RUN_ERROR");
        client.Last.Text("message").ShouldContain("The model is gone.");
        client.Last.Text("code").ShouldNotBeEmpty();
        client.Short[^3..].ShouldBe(["TEXT_MESSAGE_END", "STEP_FINISHED answer", client.Short[^1]]);
    }

    [Fact]
    public async Task A_run_that_fails_before_its_first_superstep_ends_with_an_error()
    {
        var client = await Root.AgUiAsync("scripted", Body(NewId()));

        client.Short[0].ShouldBe("RUN_STARTED");
        client.Last.Text("type").ShouldBe("RUN_ERROR");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_others_cancel_is_reported_as_cancelled(bool knowsOutcomes)
    {
        var (thread, gate) = (NewId(), Gates.New());
        var body = Body(thread, User(gate.Name, "u-1"));
        using var stream = await Root.StreamAsync(
            "/agui/answering", knowsOutcomes ? body : body.Replace(""","protocolVersion":"1.0" """.Trim(), "", StringComparison.Ordinal));
        await gate.EnteredAsync();

        await Root.PostAsync($"/threads/{thread}/runs/{stream.Ids().RunId}/cancel");

        var client = new AgUiClient();
        (await stream.ToEndAsync()).ForEach(frame => client.Take(frame.Json));
        if (knowsOutcomes)
        {
            client.Last.GetProperty("outcome").ShouldBeJson("""{"type":"cancelled"}""");
        }
        else
        {
            client.Last.ShouldBeJson("""{"type":"RUN_ERROR","message":"The run was cancelled.","code":"cancelled"}""");
        }
    }

    [Fact]
    public async Task A_run_is_cancelled_when_its_client_goes_away()
    {
        var (thread, gate) = (NewId(), Gates.New());
        string run;
        using (var stream = await Root.StreamAsync("/agui/answering", Body(thread, User(gate.Name, "u-1"))))
        {
            run = stream.Ids().RunId;
            await gate.EnteredAsync();
        }

        await gate.CancelledAsync();

        await Waiting.Until(
            async () => (await Root.GetAsync($"/threads/{thread}/runs/{run}")).String("status") == "interrupted",
            "the run to be cancelled");
        (await Root.AgUiAsync("answering", Body(thread, User("again", "u-2")))).Messages[^1].Text("content").ShouldBe("answer to again");
    }

    [Fact]
    public async Task Graphs_inside_stream_their_messages()
    {
        var client = await Root.AgUiAsync("nested", Body(NewId()));

        client.Short.Where(name => name.StartsWith("STEP", StringComparison.Ordinal)).ShouldBe(
            ["STEP_STARTED remember", "STEP_FINISHED remember", "STEP_STARTED inner", "STEP_FINISHED inner"]);
        client.Last.GetProperty("outcome").GetProperty("interrupts")[0].Text("message").ShouldBe("which one?");
    }

    [Fact]
    public async Task A_workflow_gets_state_and_messages_and_returns_its_result()
    {
        var client = await Root.AgUiAsync("greeter", Body(NewId(), User("hello", "u-1"), ""","state":{"name":"Ann"}"""));

        client.Last.GetProperty("result").ShouldBeJson("""{"text":"Hello Ann, 1 message"}""");
    }

    [Fact]
    public async Task The_second_protocol_shows_the_runs_of_this_one()
    {
        var thread = NewId();
        await Root.AgUiAsync("echo", Body(thread, User("one", "u-1")));
        using var stream = await Root.EventsAsync(thread);

        await Root.AgUiAsync("echo", Body(thread, User("one", "u-1") + "," + User("two", "u-2")));

        (await stream.RunAsync())[^1].Data().Text("event").ShouldBe("completed");
    }

    [Fact]
    public async Task The_first_protocol_can_join_a_run_of_this_one()
    {
        var thread = NewId();
        var client = await Root.AgUiAsync("showing", Body(thread));

        using var stream = await Root.JoinAsync(client.Location! + "/stream", ("Last-Event-ID", "-1"));

        var frames = await stream.ToEndAsync();
        frames.Select(frame => frame.Event).Distinct().ShouldBe(
            ["metadata", "values", "tasks", "custom", "messages", "end"], ignoreOrder: true);
    }
}
