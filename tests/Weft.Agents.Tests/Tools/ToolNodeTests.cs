using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Tools;

/// <summary>Tools in a loop that is written by hand.</summary>
public sealed class ToolNodeTests
{
    private readonly TrackedTools _tools = new();
    private readonly MessagesChannel _messages = Channel.Messages();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_loop_by_hand_runs_each_call_as_a_task_and_tools_steer_it()
    {
        var review = AgentTool.Create(() => new ToolOutput("To the review.") { Goto = ["review"] }, "review");
        using var client = new ScriptedChatClient(
            Calls(("1", "look", new() { ["x"] = "a" }), ("2", "look", new() { ["x"] = "b" })),
            Calls(("3", "review", []), ("4", "look", [])));
        var tools = new ToolNode([_tools.Create("look"), review], new AgentGraphOptions { Messages = _messages }, "act");

        var run = await Loop(client, tools).RecordAsync(new StateUpdate().Add(_messages, "go"), cancellationToken: Stop);

        run.Result.Values.Get(_messages).Select(message => $"{message}").ShouldBe(
            ["human: go", "ai: ", "tool: ok", "tool: ok", "ai: ", "tool: To the review.", "tool: ok", "ai: reviewed"]);
        run.Stream.ExpectNodes("model", "act", "act", "model", "act", "act", "review");
    }

    [Fact]
    public async Task Without_calls_the_loop_goes_elsewhere()
    {
        using var client = new ScriptedChatClient(Says(null, "No tools."));
        var tools = new ToolNode([], new AgentGraphOptions { Messages = _messages }, "act");
        var thread = new ThreadUnderTest(Loop(client, tools, otherwise: "review"));

        await thread.SayAsync("go");

        thread.Messages.Select(message => message.Content()).ShouldBe(["go", "No tools.", "reviewed"]);
    }

    [Fact]
    public async Task Calls_that_need_approval_are_asked_about_before_any_is_made()
    {
        using var client = new ScriptedChatClient(Calls(("1", "look", []), ("2", "pay", new() { ["x"] = "Ann" })), Says(null, "Done."));
        var options = new AgentGraphOptions { Messages = _messages, RequireApproval = ["pay"] };
        var thread = new ThreadUnderTest(Loop(client, new ToolNode([_tools.Create("look"), _tools.Create("pay")], options, "act")));

        await thread.SayAsync("go");
        _tools.Ran.ShouldBeEmpty();
        thread.Interrupt.GetProperty("action_requests")[0].Text("name").ShouldBe("pay");
        await thread.AnswerAsync("true");

        _tools.Ran.Order().ShouldBe(["look:", "pay:Ann"]);
        thread.Messages[^1].Content().ShouldBe("Done.");
    }

    [Fact]
    public async Task A_node_that_is_reached_without_calls_does_nothing()
    {
        using var client = new ScriptedChatClient(Says(null, "No tools."));
        var tools = new ToolNode([], new AgentGraphOptions { Messages = _messages });
        var graph = new StateGraph().AddChannel(_messages).AddTools(tools).AddEdge(StateGraph.Start, "tools").Compile();

        var node = await graph.RunNodeAsync("tools", new StateUpdate().Add(_messages, "go"), cancellationToken: Stop);

        node.Update.GetRawText().ShouldBe("{}");
        node.ExpectNext();
    }

    private CompiledGraph Loop(IChatClient client, ToolNode tools, string otherwise = StateGraph.End) => new StateGraph()
        .AddChannel(_messages)
        .AddNode(
            "model",
            async (context, stop) => new StateUpdate().Add(
                _messages, await client.GetMessagesAsync(context.Get(_messages), cancellationToken: stop)))
        .AddTools(tools)
        .AddNode("review", _ => new StateUpdate().Add(_messages, Message.Ai("reviewed")))
        .AddEdge(StateGraph.Start, "model")
        .AddConditionalEdges("model", context => tools.Next(context, otherwise))
        .AddEdge("act", "model")
        .Compile();
}
