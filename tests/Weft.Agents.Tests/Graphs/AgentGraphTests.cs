using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using static Weft.Agents.Tests.ScriptedChatClient;

namespace Weft.Agents.Tests.Graphs;

public sealed class AgentGraphTests
{
    private readonly List<string> _ran = [];

    [Fact]
    public async Task The_tools_that_the_model_asks_for_are_run_until_it_asks_for_none()
    {
        var client = new ScriptedChatClient(
            Calls(("1", "add", new() { ["a"] = 1, ["b"] = 2 }), ("2", "add", new() { ["a"] = 3, ["b"] = 4 })),
            Calls(("3", "add", new() { ["a"] = 3, ["b"] = 7 })),
            Says(null, "Ten."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [Add], new AgentGraphOptions { SystemPrompt = "Reckon." }));

        await thread.SayAsync("sum");

        thread.Messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "tool", "ai", "tool", "ai"]);
        thread.Messages.Where(message => message.Text("type") == "tool").Select(message => (message.Text("tool_call_id"), message.Text("name"), message.Content()))
            .ShouldBe([("1", "add", "3"), ("2", "add", "7"), ("3", "add", "10")]);
        client.Histories[2][0].Text.ShouldBe("Reckon.");
        client.Histories[2].Count.ShouldBe(7);
    }

    [Fact]
    public async Task A_tool_that_throws_and_one_that_is_not_there_answer_with_errors()
    {
        var broken = AIFunctionFactory.Create(string () => throw new InvalidOperationException("no disk"), "broken");
        var client = new ScriptedChatClient(Calls(("1", "broken", []), ("2", "missing", []), ("3", "add", new() { ["a"] = 1 })), Says(null, "Sorry."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [broken, Add]));

        await thread.SayAsync("go");

        var results = thread.Messages.Where(message => message.Text("type") == "tool").ToList();
        results.ShouldAllBe(message => message.Text("status") == "error");
        results[0].Content().ShouldBe("Error: no disk");
        results[1].Content().ShouldBe("Error: missing is not a tool; there are broken, add.");
        results[2].Content().ShouldStartWith("Error: ");
        thread.Messages[^1].Content().ShouldBe("Sorry.");
    }

    [Fact]
    public async Task A_tool_reads_and_writes_channels()
    {
        var notes = Channel.List<string>("notes");
        var note = AIFunctionFactory.Create((string text) => new ToolOutput($"{NodeContext.Current!.Get(notes)!.Count} before", state => state.Add(notes, text)), "note");
        var client = new ScriptedChatClient(
            Calls(("1", "note", new() { ["text"] = "a" }), ("2", "note", new() { ["text"] = "b" })), Calls(("3", "note", new() { ["text"] = "c" })), Says(null, "Noted."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [note], new AgentGraphOptions { Channels = [notes] }));

        await thread.SayAsync("go");

        thread.Values.GetProperty("notes").GetRawText().ShouldBe("""["a","b","c"]""");
        thread.Messages.Where(message => message.Text("type") == "tool").Select(message => message.Content()).ShouldBe(["0 before", "0 before", "2 before"]);
    }

    [Fact]
    public async Task Every_approval_of_a_turn_is_asked_before_any_tool_runs_and_each_tool_runs_once()
    {
        var client = new ScriptedChatClient(
            Calls(("1", "free", []), ("2", "guarded", new() { ["x"] = "a" }), ("3", "guarded", new() { ["x"] = "b" })), Says(null, "Done."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [Tracked("free"), Tracked("guarded")], new AgentGraphOptions { RequireApproval = ["guarded"] }));

        await thread.SayAsync("go");
        thread.Interrupt.GetRawText().ShouldBeJson("""{"action":"guarded","args":{"x":"a"},"description":"Does guarded."}""");
        _ran.ShouldBeEmpty();

        await thread.AnswerAsync("true");
        thread.Interrupt.GetProperty("args").Text("x").ShouldBe("b");
        _ran.ShouldBeEmpty();

        await thread.AnswerAsync("\"approve\"");

        thread.IsPaused.ShouldBeFalse();
        _ran.Order().ShouldBe(["free:", "guarded:a", "guarded:b"]);
        thread.Messages[^1].Content().ShouldBe("Done.");
        client.Histories.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("\"no\"")]
    [InlineData("\"Reject\"")]
    [InlineData("""{"type":"reject"}""")]
    public async Task A_call_that_is_refused_is_not_made(string answer)
    {
        var client = new ScriptedChatClient(Calls(("1", "guarded", [])), Says(null, "As you wish."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [new ApprovalRequiredAIFunction(Tracked("guarded"))]));

        await thread.SayAsync("go");
        await thread.AnswerAsync(answer);

        _ran.ShouldBeEmpty();
        thread.Messages[2].Text("status").ShouldBe("error");
        thread.Messages[2].Content().ShouldBe("The user did not approve this call of guarded, so it was not made.");
        thread.Messages[3].Content().ShouldBe("As you wish.");
    }

    [Theory]
    [InlineData("true")]
    [InlineData("\"yes\"")]
    [InlineData("""{"type":"accept"}""")]
    public async Task A_call_that_is_approved_is_made(string answer)
    {
        var client = new ScriptedChatClient(Calls(("1", "guarded", [])), Says(null, "Done."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [new ApprovalRequiredAIFunction(Tracked("guarded"))]));

        await thread.SayAsync("go");
        await thread.AnswerAsync(answer);

        _ran.ShouldBe(["guarded:"]);
    }

    [Fact]
    public async Task A_call_that_is_edited_is_made_and_remembered_with_the_new_arguments()
    {
        var client = new ScriptedChatClient(Calls(("1", "guarded", new() { ["x"] = "all" })), Says(null, "Done."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [Tracked("guarded")], new AgentGraphOptions { RequireApproval = ["guarded"] }));

        await thread.SayAsync("delete");
        await thread.AnswerAsync("""{"type":"edit","args":{"x":"one"}}""");

        _ran.ShouldBe(["guarded:one"]);
        thread.Messages.Count.ShouldBe(4);
        thread.Messages[1].GetProperty("tool_calls")[0].GetProperty("args").Text("x").ShouldBe("one");
        ((FunctionCallContent)client.Histories[1][1].Contents[0]).Arguments!["x"]!.ToString().ShouldBe("one");
    }

    [Fact]
    public async Task What_is_no_answer_is_asked_again()
    {
        var client = new ScriptedChatClient(Calls(("1", "guarded", [])), Says(null, "Done."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [Tracked("guarded")], new AgentGraphOptions { RequireApproval = ["guarded"] }));

        await thread.SayAsync("go");
        await thread.AnswerAsync("\"perhaps\"");
        thread.Interrupt.Text("problem")!.ShouldStartWith("\"perhaps\" is no answer.");
        _ran.ShouldBeEmpty();

        await thread.AnswerAsync("""{"type":"edit"}""");
        thread.IsPaused.ShouldBeTrue();

        await thread.AnswerAsync("true");
        _ran.ShouldBe(["guarded:"]);
    }

    [Fact]
    public async Task A_tool_may_ask_a_question_of_its_own()
    {
        var ask = AIFunctionFactory.Create(() => NodeContext.Current!.Interrupt("which colour?").GetString(), "ask");
        var thread = new ThreadUnderTest(AgentGraph.Create(new ScriptedChatClient(Calls(("1", "ask", [])), Says(null, "Good.")), [ask]));

        await thread.SayAsync("paint");
        thread.Interrupt.GetString().ShouldBe("which colour?");
        await thread.AnswerAsync("\"blue\"");

        thread.Messages[2].Content().ShouldBe("blue");
    }

    [Fact]
    public void An_approval_of_a_tool_that_is_not_there_is_a_mistake()
    {
        var error = Should.Throw<ArgumentException>(() => AgentGraph.Create(new ScriptedChatClient(), [Add], new AgentGraphOptions { RequireApproval = ["ad"] }));

        error.Message.ShouldStartWith("'ad' is to be approved, but no tool has this name; there are add.");
    }

    [Fact]
    public void Two_tools_of_one_name_are_a_mistake() =>
        Should.Throw<ArgumentException>(() => AgentGraph.Create(new ScriptedChatClient(), [Add, Add]));

    private static AIFunction Add { get; } = AIFunctionFactory.Create((int a, int b) => a + b, "add");

    private AIFunction Tracked(string name) => AIFunctionFactory.Create(
        (string? x = null) =>
        {
            lock (_ran)
            {
                _ran.Add($"{name}:{x}");
            }

            return "ok";
        },
        name,
        $"Does {name}.");
}
