using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Graphs;

public sealed class AgentGraphTests
{
    private readonly TrackedTools _tools = new();

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
        thread.Messages.Where(message => message.Text("type") == "tool")
            .Select(message => (message.Text("tool_call_id"), message.Text("name"), message.Content()))
            .ShouldBe([("1", "add", "3"), ("2", "add", "7"), ("3", "add", "10")]);
        client.Calls[2].Messages[0].Text.ShouldBe("Reckon.");
        client.Calls[2].Messages.Count.ShouldBe(7);
    }

    [Fact]
    public async Task A_tool_that_throws_and_one_that_is_not_there_answer_with_errors()
    {
        var broken = AIFunctionFactory.Create(string () => throw new InvalidOperationException("no disk"), "broken");
        var client = new ScriptedChatClient(
            Calls(("1", "broken", []), ("2", "missing", []), ("3", "add", new() { ["a"] = 1 })), Says(null, "Sorry."));
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
    public async Task A_run_does_not_wait_longer_than_the_grace_time_for_a_tool_that_ignores_its_token()
    {
        var entered = new TaskCompletionSource();
        var released = new TaskCompletionSource<string>();
        var hang = AIFunctionFactory.Create(
            () =>
            {
                entered.SetResult();
                return released.Task;
            },
            "hang");
        var graph = AgentGraph.Create(
            new ScriptedChatClient(Calls(("1", "hang", []), ("2", "add", new() { ["a"] = 1, ["b"] = 2 }))), [hang, Add]);
        var checkpointer = new InMemoryCheckpointer();
        var abandoned = new List<AbandonedWork>();
        var guard = new StopGuard(TimeSpan.FromMilliseconds(50), TimeProvider.System, abandoned.Add);
        using var stop = new CancellationTokenSource();
        var stopped = new TaskCompletionSource();
        var options = new GraphRunOptions { Checkpointer = checkpointer, Guard = guard };
        var input = GraphInput.FromJson(JsonSerializer.SerializeToElement(new { messages = "go" }));
        var run = guard.RunAsync(() => graph.RunAsync(input, options, stop.Token), stopped.Task);
        await entered.Task.WaitAsync(TestContext.Current.CancellationToken);

        await stop.CancelAsync();
        stopped.SetResult();

        await Should.ThrowAsync<OperationCanceledException>(() => run);
        var left = abandoned.ShouldHaveSingleItem();
        left.Nodes.ShouldBe(["tools"]);
        var state = await graph.GetStateAsync(checkpointer, cancellationToken: TestContext.Current.CancellationToken);
        released.SetResult("late");
        await left.Work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var after = await graph.GetStateAsync(checkpointer, cancellationToken: TestContext.Current.CancellationToken);
        after!.Checkpoint.Id.ShouldBe(state!.Checkpoint.Id);
        GraphJson.Encode(after, WriteTasks).ShouldBe(GraphJson.Encode(state, WriteTasks));

        static void WriteTasks(Utf8JsonWriter writer, StateSnapshot snapshot) => snapshot.WriteTasks(writer, "t");
    }

    [Fact]
    public async Task A_tool_reads_and_writes_channels()
    {
        var notes = Channel.List<string>("notes");
        var note = AIFunctionFactory.Create(
            (string text) => new ToolOutput($"{NodeContext.Current!.Get(notes)!.Count} before", state => state.Add(notes, text)),
            "note");
        var client = new ScriptedChatClient(
            Calls(("1", "note", new() { ["text"] = "a" }), ("2", "note", new() { ["text"] = "b" })),
            Calls(("3", "note", new() { ["text"] = "c" })),
            Says(null, "Noted."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [note], new AgentGraphOptions { Channels = [notes] }));

        await thread.SayAsync("go");

        thread.Values.GetProperty("notes").GetRawText().ShouldBe("""["a","b","c"]""");
        thread.Messages.Where(message => message.Text("type") == "tool")
            .Select(message => message.Content())
            .ShouldBe(["0 before", "0 before", "2 before"]);
    }

    [Fact]
    public async Task Each_call_is_a_task_of_its_own_and_those_that_ask_are_told_apart()
    {
        AIFunction Asks(string name, int delay) => AIFunctionFactory.Create(
            async () =>
            {
                await Task.Delay(delay);
                return $"{name} {NodeContext.Current!.Interrupt($"{name}?")}";
            },
            name);
        var client = new ScriptedChatClient(Calls(("1", "a", []), ("2", "b", []), ("3", "free", [])), Says(null, "Done."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [Asks("a", 150), Asks("b", 0), _tools.Create("free")]));

        await thread.SayAsync("go");

        var asked = thread.Values.GetProperty("__interrupt__")
            .EnumerateArray()
            .ToDictionary(asked => asked.GetProperty("value").GetString()!, asked => asked.Text("id")!);
        asked.Keys.ShouldBe(["a?", "b?"]);
        asked.Values.Distinct().Count().ShouldBe(2);

        await thread.AnswerAsync($$"""{"{{asked["b?"]}}":"for B"}""");
        thread.Interrupt.GetString().ShouldBe("a?");
        await thread.AnswerAsync("\"for A\"");

        thread.Messages.Where(message => message.Text("type") == "tool")
            .Select(message => message.Content())
            .ShouldBe(["a for A", "b for B", "ok"]);
        _tools.Ran.ShouldBe(["free:"]);
    }

    [Fact]
    public async Task Sub_agents_that_pause_at_the_same_time_each_get_their_own_answer()
    {
        var tries = 0;
        AIFunction Expert(string name)
        {
            var answer = Channel.LastValue<string>("answer");
            var graph = new StateGraph()
                .AddChannel(answer)
                .AddNode("ask", context => new StateUpdate().Set(answer, $"{name}={context.Interrupt($"{name}?").GetString()}"))
                .AddEdge(StateGraph.Start, "ask")
                .Compile(new CompileOptions { Name = name });
            return AIFunctionFactory.Create(
                async (CancellationToken stop) =>
                {
                    // The first try begins with one expert, the next with the other.
                    await Task.Delay(Interlocked.Increment(ref tries) <= 2 == (name == "law") ? 0 : 50, stop);
                    return (await NodeContext.Current!.RunAsync(graph, new StateUpdate(), cancellationToken: stop)).Get(answer);
                },
                name);
        }

        var thread = new ThreadUnderTest(
            AgentGraph.Create(
                new ScriptedChatClient(Calls(("1", "law", []), ("2", "tax", [])), Says(null, "Done.")),
                [Expert("law"), Expert("tax")]));

        await thread.SayAsync("go");
        var asked = thread.Values.GetProperty("__interrupt__")
            .EnumerateArray()
            .ToDictionary(asked => asked.GetProperty("value").GetString()!, asked => asked.Text("id")!);
        await thread.AnswerAsync($$"""{"{{asked["tax?"]}}":"T","{{asked["law?"]}}":"L"}""");

        thread.Messages.Where(message => message.Text("type") == "tool").Select(message => message.Content()).ShouldBe(["law=L", "tax=T"]);
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
        var error = Should.Throw<ArgumentException>(
            () => AgentGraph.Create(new ScriptedChatClient(), [Add], new AgentGraphOptions { RequireApproval = ["ad"] }));

        error.Message.ShouldStartWith("'ad' requires approval, but no tool has this name. The tools are: add.");
    }

    [Fact]
    public void Two_tools_of_one_name_are_a_mistake() =>
        Should.Throw<ArgumentException>(() => AgentGraph.Create(new ScriptedChatClient(), [Add, Add]));

    private static AIFunction Add { get; } = AIFunctionFactory.Create((int a, int b) => a + b, "add");
}
