using System.Text.Json;
using Weft.Agents;
using Weft.Agents.Tests;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;
using static Weft.Mcp.Tests.Toolsets;

namespace Weft.Mcp.Tests;

/// <summary>Agents with the tools of a server.</summary>
public sealed class McpAgentTests
{
    private static readonly MessagesChannel Messages = Channel.Messages();

    [Fact]
    public async Task Results_are_messages_with_blocks_artifacts_and_errors()
    {
        await using var tools = await ConnectAsync(McpHost.Stdio());
        var agent = AgentOf(
            tools,
            Calls(
                ("1", "picture", []), ("2", "sum", new() { ["a"] = 1, ["b"] = 2 }), ("3", "fail", []), ("4", "echo", new() { ["text"] = "hi" })),
            Says("m", "Done."));

        var result = await agent.RunAsync(new StateUpdate().Add(Messages, "go"), cancellationToken: TestContext.Current.CancellationToken);

        var answers = result.Values.Get(Messages)!.Where(static message => message.Type == "tool").ToList();
        answers[0].Content.EnumerateArray().Select(static block => block.GetProperty("type").GetString())
            .ShouldBe(["text", "image_url", "text", "file"]);
        answers[1].Json.GetProperty("artifact").GetProperty("total").GetInt32().ShouldBe(3);
        answers[2].Text.ShouldBe("Error: The disk is full.");
        answers[2].Json.GetProperty("status").GetString().ShouldBe("error");
        answers[3].Text.ShouldBe("hi");
    }

    [Fact]
    public async Task A_tool_that_needs_approval_asks()
    {
        await using var tools = await ConnectAsync(McpHost.Stdio(configure: options => options.Approval = McpApproval.ByAnnotations));
        var agent = AgentOf(
            tools,
            Calls(("1", "delete", new() { ["path"] = "a.txt" }), ("2", "echo", new() { ["text"] = "hi" })),
            Says("m", "Done."));
        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };

        var paused = await agent.RunAsync(new StateUpdate().Add(Messages, "go"), options, TestContext.Current.CancellationToken);
        var request = paused.Interrupts.ShouldHaveSingleItem().Value.GetProperty("action_requests").EnumerateArray().ShouldHaveSingleItem();
        var done = await agent.RunAsync(Command.ResumeWith(true), options, TestContext.Current.CancellationToken);

        request.GetProperty("name").GetString().ShouldBe("delete");
        request.GetProperty("description").GetString().ShouldBe("Deletes a file.");
        done.Values.Get(Messages)!.Where(static message => message.Type == "tool").Select(static message => message.Text)
            .ShouldBe(["deleted a.txt", "hi"]);
    }

    [Fact]
    public async Task Progress_is_streamed()
    {
        await using var tools = await ConnectAsync(McpHost.Stdio());
        var agent = AgentOf(tools, Calls(("1", "steps", new() { ["count"] = 3 })), Says("m", "Done."));
        var reports = new List<JsonElement>();

        await foreach (var part in agent.StreamAsync(
            new StateUpdate().Add(Messages, "go"),
            new GraphRunOptions { Modes = StreamMode.Custom },
            TestContext.Current.CancellationToken))
        {
            if (part is CustomPart custom)
            {
                reports.Add(GraphJson.Parse(custom.Value.Utf8.Span));
            }
        }

        var first = reports.Find(static report => report.GetProperty("progress").GetDouble() == 1);
        first.GetProperty("type").GetString().ShouldBe("mcp_progress");
        first.GetProperty("server").GetString().ShouldBe("test");
        first.GetProperty("tool").GetString().ShouldBe("steps");
        first.GetProperty("total").GetDouble().ShouldBe(3);
        first.GetProperty("message").GetString().ShouldBe("step 1");
    }

    private static CompiledGraph AgentOf(McpToolset tools, params IReadOnlyList<ScriptedAnswer> script) =>
        AgentGraph.Create(new ScriptedChatClient(script), tools.Tools, new AgentGraphOptions { Messages = Messages });
}
