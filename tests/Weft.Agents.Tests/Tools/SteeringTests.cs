using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Weft.Graphs;
using Weft.Server.Tests;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Tools;

/// <summary>Tools that say where the graph goes.</summary>
public sealed class SteeringTests
{
    private readonly TrackedTools _tools = new();
    private readonly MessagesChannel _messages = Channel.Messages();
    private readonly LastValueChannel<string> _topic = Channel.LastValue("topic", "none");
    private readonly ListChannel<string> _log = Channel.List<string>("log");

    [Fact]
    public async Task A_command_writes_and_ends_the_turn_and_its_call_has_a_result()
    {
        var done = AgentTool.Create(
            (string topic) => new Command { Update = new StateUpdate().Set(_topic, topic), Goto = [StateGraph.End] }, "done");
        using var client = new ScriptedChatClient(Calls(("1", "done", new() { ["topic"] = "wool" })), Says(null, "Yes."));
        var thread = new ThreadUnderTest(Agent(client, done));

        await thread.SayAsync("go");

        Said(thread).ShouldBe(["human go", "ai ", "tool Done."]);
        thread.Messages[2].Text("tool_call_id").ShouldBe("1");
        thread.Messages[2].Text("name").ShouldBe("done");
        thread.Values.Text("topic").ShouldBe("wool");

        await thread.SayAsync("again");

        thread.Messages[^1].Content().ShouldBe("Yes.");
        client.Calls[1].Messages.Select(message => message.Role)
            .ShouldBe([ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.User]);
    }

    [Fact]
    public async Task The_result_that_a_command_has_for_the_call_is_the_only_one()
    {
        var note = AgentTool.Create(
            async (string topic, ToolCall call) =>
            {
                await Task.Yield();
                return new Command
                {
                    Update = new StateUpdate()
                        .Set(_topic, topic)
                        .Add(_messages, Message.Tool($"{call.Name}: {topic}", call.Id!), Message.Human("And?")),
                };
            },
            "note");
        using var client = new ScriptedChatClient(Calls(("1", "note", new() { ["topic"] = "wool" })), Says(null, "Noted."));
        var thread = new ThreadUnderTest(Agent(client, note)) { Modes = StreamMode.Values | StreamMode.Tools };

        await thread.SayAsync("go");

        note.JsonSchema.GetProperty("properties").EnumerateObject().ShouldHaveSingleItem().Name.ShouldBe("topic");
        Said(thread).ShouldBe(["human go", "ai ", "tool note: wool", "human And?", "ai Noted."]);
        thread.Of(StreamMode.Tools).Last().GetRawText().ShouldContain("note: wool");
    }

    [Fact]
    public async Task A_result_may_be_the_last_message_and_the_other_calls_are_made_and_kept()
    {
        var answer = AgentTool.Create(() => new ToolOutput("42") { Goto = [StateGraph.End] }, "answer");
        using var client = new ScriptedChatClient(
            Calls(("1", "look", new() { ["x"] = "a" }), ("2", "answer", []), ("3", "look", new() { ["x"] = "b" })), Says(null, "Yes."));
        var thread = new ThreadUnderTest(Agent(client, answer, _tools.Create("look")));

        await thread.SayAsync("go");

        Said(thread).ShouldBe(["human go", "ai ", "tool ok", "tool 42", "tool ok"]);
        _tools.Ran.Order().ShouldBe(["look:a", "look:b"]);
        client.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_graph_goes_to_all_destinations_of_its_own()
    {
        var end = AgentTool.Create(() => new ToolOutput("end") { Goto = [StateGraph.End] }, "end");
        var again = AgentTool.Create(() => new ToolOutput("again") { Goto = [AgentGraph.AgentNode] }, "again");
        using var client = new ScriptedChatClient(Calls(("1", "end", []), ("2", "again", []), ("3", "again", [])), Says(null, "Once."));
        var thread = new ThreadUnderTest(Agent(client, end, again));

        await thread.SayAsync("go");

        Said(thread).ShouldBe(["human go", "ai ", "tool end", "tool again", "tool again", "ai Once."]);
        client.Calls.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tool_goes_to_a_node_of_the_graph_around_with_the_state_of_its_agent(bool byCommand)
    {
        var reached = new TaskCompletionSource();
        var note = AgentTool.Create(() => new ToolOutput("note", state => state.Add(_log, "note")), "note");
        var slow = AgentTool.Create(
            async () =>
            {
                await reached.Task.Within("the other tool to run");
                return new ToolOutput("slow", state => state.Add(_log, "slow"));
            },
            "slow");
        var leave = AgentTool.Create(
            object () =>
            {
                reached.SetResult();
                void Write(StateUpdate update) => update.Add(_log, "left");
                var update = new StateUpdate().Set(_topic, "wool");
                Write(update);
                return byCommand
                    ? new Command { Update = update, Goto = ["clerk"], ToParent = true }
                    : new ToolOutput("Done.", Write) { Goto = ["clerk"], ToParent = true };
            },
            "leave");
        var end = AgentTool.Create(() => new ToolOutput("end") { Goto = [StateGraph.End] }, "end");
        using var client = new ScriptedChatClient(
            Calls(("1", "note", [])), Calls(("2", "leave", []), ("3", "slow", []), ("4", "end", [])));
        // The agent has no channel of topics.
        var agent = AgentGraph.Create(client, [note, slow, leave, end], new AgentGraphOptions { Messages = _messages, Channels = [_log] });
        var thread = new ThreadUnderTest(Desk(agent));

        await thread.SayAsync("go");

        Said(thread).ShouldBe(["human go", "ai ", "tool note", "ai ", "tool Done.", "tool slow", "tool end", "ai clerk"]);
        thread.Values.GetProperty("log").GetRawText().ShouldBe("""["note","left","slow"]""");
        thread.Values.Text("topic").ShouldBe(byCommand ? "wool" : "none");
    }

    [Fact]
    public async Task A_question_of_another_call_is_answered_before_the_agent_ends()
    {
        var ask = AgentTool.Create((NodeContext context) => context.Interrupt("sure?").ToString(), "ask");
        var leave = AgentTool.Create(() => new ToolOutput("Bye.") { Goto = ["clerk"], ToParent = true }, "leave");
        using var client = new ScriptedChatClient(Calls(("1", "leave", []), ("2", "ask", []), ("3", "look", [])));
        var thread = new ThreadUnderTest(Desk(Agent(client, ask, leave, _tools.Create("look"))));

        await thread.SayAsync("go");
        thread.IsPaused.ShouldBeTrue();
        await thread.AnswerAsync("\"yes\"");

        Said(thread).ShouldBe(["human go", "ai ", "tool Bye.", "tool yes", "tool ok", "ai clerk"]);
        _tools.Ran.ShouldBe(["look:"]);
    }

    [Fact]
    public async Task A_call_that_was_not_approved_does_not_steer()
    {
        var leave = AgentTool.Create((string to) => new Command { Goto = [to], ToParent = true }, "leave");
        using var client = new ScriptedChatClient(
            Calls(("1", "leave", new() { ["to"] = "nobody" })), Calls(("2", "leave", new() { ["to"] = "nobody" })));
        var thread = new ThreadUnderTest(Desk(Agent(client, new ApprovalRequiredAIFunction(leave))));

        await thread.SayAsync("go");
        await thread.AnswerAsync("false");
        thread.IsPaused.ShouldBeTrue();
        await thread.AnswerAsync("""{"type":"edit","edited_action":{"name":"leave","args":{"to":"clerk"}}}""");

        Said(thread).Skip(3).ShouldBe(["ai ", "tool Done.", "ai clerk"]);
        thread.Messages[3].GetProperty("tool_calls")[0].GetProperty("args").Text("to").ShouldBe("clerk");
    }

    [Fact]
    public async Task A_call_that_took_too_long_does_not_steer()
    {
        var time = new FakeTimeProvider();
        var end = AgentTool.Create(
            async (CancellationToken stop) =>
            {
                await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return new ToolOutput("42") { Goto = [StateGraph.End] };
            },
            "end");
        using var client = new ScriptedChatClient(Calls(("1", "end", [])), Says(null, "Sorry."));
        var options = new AgentGraphOptions { Messages = _messages, ToolTimeout = TimeSpan.FromSeconds(1) };
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [end], options)) { Time = time };

        var run = thread.SayAsync("go");
        await Waiting.Until(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(run.IsCompleted);
            },
            "the run to end");
        await run;

        Said(thread)[2].ShouldStartWith("tool Error: The tool took more than");
        Said(thread)[^1].ShouldBe("ai Sorry.");
    }

    [Fact]
    public async Task An_agent_that_is_a_tool_steers_the_agent_that_called_it()
    {
        var stop = AgentTool.Create(
            () => new Command { Update = new StateUpdate().Set(_topic, "wool"), Goto = [StateGraph.End], ToParent = true }, "stop");
        using var inner = new ScriptedChatClient(Calls(("2", "stop", [])));
        using var client = new ScriptedChatClient(Calls(("1", "ask", new() { ["request"] = "Stop?" })));
        var helper = AgentGraph.Create(inner, [stop], new AgentGraphOptions { Name = "helper" });
        var thread = new ThreadUnderTest(Agent(client, helper.AsTool("ask", "Asks.")));

        await thread.SayAsync("go");

        Said(thread).ShouldBe(["human go", "ai ", "tool Done."]);
        thread.Messages[2].Text("tool_call_id").ShouldBe("1");
        thread.Values.Text("topic").ShouldBe("wool");
    }

    [Fact]
    public async Task A_result_may_be_the_typed_answer()
    {
        var answer = AgentAnswer.Of<Order>();
        var order = AgentTool.Create(
            (string item) => new ToolOutput($$"""{"item":"{{item}}"}""") { Goto = [AgentGraph.AnswerNode] }, "order");
        var end = AgentTool.Create(() => new ToolOutput("No.") { Goto = [StateGraph.End] }, "end");
        using var client = new ScriptedChatClient(Calls(("1", "end", [])), Calls(("2", "order", new() { ["item"] = "wool" })));
        var thread = new ThreadUnderTest(
            AgentGraph.Create(client, [order, end], new AgentGraphOptions { Messages = _messages, Answer = answer }));

        await thread.SayAsync("go");
        thread.Values.TryGetProperty("structured_response", out _).ShouldBeFalse();
        await thread.SayAsync("go");

        thread.Values.GetProperty("structured_response").GetRawText().ShouldBeJson("""{"item":"wool"}""");
        client.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_tool_may_return_a_command_or_anything_else()
    {
        var choose = AgentTool.Create(
            Task<object> (string what) => Task.FromResult<object>(what switch
            {
                "end" => new Command { Goto = [StateGraph.End] },
                "resume" => Command.ResumeWith(1),
                "output" => new ToolOutput("output"),
                _ => new { what },
            }),
            "choose");
        using var client = new ScriptedChatClient(
            [.. new[] { "json", "output", "resume", "end" }.Select(what => Calls((what, "choose", new() { ["what"] = what })))]);
        var thread = new ThreadUnderTest(Agent(client, choose));

        await thread.SayAsync("go");

        Said(thread).Where(text => text.StartsWith("tool", StringComparison.Ordinal)).ShouldBe(
        [
            """tool {"what":"json"}""", "tool output", "tool Error: A tool can't resume: 'Resume' is for the input of a run.", "tool Done.",
        ]);
    }

    [Fact]
    public void A_command_or_a_call_that_the_model_would_see_is_a_mistake()
    {
        using var client = new ScriptedChatClient();
        var command = AIFunctionFactory.Create(() => new Command(), "go");
        var call = AIFunctionFactory.Create((ToolCall made) => made.Name, "name");

        Should.Throw<ArgumentException>(() => AgentGraph.Create(client, [command])).Message.ShouldStartWith(
            "The model would see the Command that the tool 'go' returns. Make the tool with AgentTool.Create.");
        Should.Throw<ArgumentException>(() => AgentGraph.Create(client, [call])).Message.ShouldStartWith(
            "The model would see the parameter 'made' of the tool 'name'. Make the tool with AgentTool.Create.");
    }

    [Fact]
    public async Task A_call_that_fails_is_made_again_if_a_policy_says_so()
    {
        var tries = new Dictionary<string, int>();
        string Fail(string name, int times)
        {
            tries[name] = tries.GetValueOrDefault(name) + 1;
            return tries[name] > times ? name : throw new IOException("no net");
        }

        var policy = new RetryPolicy { AttemptsMax = 2, InitialInterval = TimeSpan.Zero, Jitter = false };
        using var client = new ScriptedChatClient(
            Calls(("1", "once", []), ("2", "twice", [])), Calls(("3", "patient", []), ("4", "never", [])), Says(null, "Done."));
        AITool[] tools =
        [
            AgentTool.Create(() => Fail("once", 1), "once"), AgentTool.Create(() => Fail("twice", 2), "twice"),
            AgentTool.Create(() => Fail("patient", 2), "patient"), AgentTool.Create(() => Fail("never", 1), "never"),
        ];
        var options = new AgentGraphOptions
        {
            ToolRetry = policy,
            ToolRetries = new Dictionary<string, RetryPolicy?> { ["patient"] = policy with { AttemptsMax = 3 }, ["never"] = null },
        };
        var thread = new ThreadUnderTest(AgentGraph.Create(client, tools, options));

        await thread.SayAsync("go");

        Said(thread).Where(text => text.StartsWith("tool", StringComparison.Ordinal))
            .ShouldBe(["tool once", "tool Error: no net", "tool patient", "tool Error: no net"]);
        tries.ShouldBe(new Dictionary<string, int> { ["once"] = 2, ["twice"] = 2, ["patient"] = 3, ["never"] = 1 }, ignoreOrder: true);
        Should.Throw<ArgumentException>(() => AgentGraph.Create(client, [], options)).Message
            .ShouldStartWith("'patient' has a retry policy, but no tool has this name. The tools are: none.");
    }

    private static List<string> Said(ThreadUnderTest thread) =>
        [.. thread.Messages.Select(message => $"{message.Text("type")} {message.Content()}")];

    private CompiledGraph Agent(IChatClient client, params AITool[] tools) =>
        AgentGraph.Create(client, tools, new AgentGraphOptions { Messages = _messages, Channels = [_topic, _log] });

    /// <summary>A graph around an agent, with a clerk who takes over.</summary>
    private CompiledGraph Desk(CompiledGraph agent) => new StateGraph()
        .AddChannels(_messages, _topic, _log)
        .AddNode("agent", agent, new NodeOptions { Destinations = ["clerk"] })
        .AddNode("clerk", _ => new StateUpdate().Add(_messages, Message.Ai("clerk")))
        .AddEdge(StateGraph.Start, "agent")
        .Compile();

    private sealed record Order(string Item);
}
