using System.Net;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server.Tests.Overview;

/// <summary>Pages of messages with the checkpoint, the run and the node that brought each. They are compared with the history.</summary>
public sealed class ThreadMessageTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Each_message_comes_with_the_checkpoint_run_and_node_that_brought_it()
    {
        var thread = await Root.NewThreadAsync();
        var runs = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            runs.Add(await RunAsync(thread, Bodies.Echo($"question {i} of a length that is worth a reference in the body of a checkpoint")));
        }

        var messages = await ListAsync(thread);

        messages.Count.ShouldBe(6);
        messages.Select(message => message.Text("node")).ShouldBe(["__start__", "answer", "__start__", "answer", "__start__", "answer"]);
        messages.Select(message => message.Text("run_id")).ShouldBe([runs[0], runs[0], runs[1], runs[1], runs[2], runs[2]]);
        await ShouldBeAsInHistoryAsync(thread);
    }

    [Fact]
    public async Task Pages_go_back_to_the_first_message()
    {
        var thread = await Root.NewThreadAsync();
        for (var i = 0; i < 5; i++)
        {
            await RunAsync(thread, Bodies.Echo($"q{i}"));
        }

        var found = new List<int>();
        int? before = null;
        do
        {
            var page = (await Gateway.GetAsync($"/weft/threads/{thread}/messages?limit=4{(before is null ? "" : $"&before={before}")}"))
                .ShouldBeOk().Json;
            page.GetProperty("total").GetInt32().ShouldBe(10);
            found.InsertRange(0, page.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("index").GetInt32()));
            before = page.GetProperty("next").ValueKind == JsonValueKind.Null ? null : page.GetProperty("next").GetInt32();
        }
        while (before is not null);

        found.ShouldBe(Enumerable.Range(0, 10));
    }

    [Fact]
    public async Task A_fork_shows_the_messages_of_its_branch()
    {
        var thread = await Root.NewThreadAsync();
        await RunAsync(thread, Bodies.Echo("first"));
        await RunAsync(thread, Bodies.Echo("second"));
        var second = (await ListAsync(thread))[2];

        var forked = await RunAsync(
            thread, Bodies.Echo("other", $",\"checkpoint_id\":\"{second.Text("parent_checkpoint_id")}\",\"multitask_strategy\":\"enqueue\""));

        var messages = await ListAsync(thread);
        messages.Count.ShouldBeGreaterThanOrEqualTo(4);
        messages[^1].Text("run_id").ShouldBe(forked);
        await ShouldBeAsInHistoryAsync(thread);
        (await ListAsync(thread, $"checkpoint_id={second.Text("checkpoint_id")}")).Select(message => message.Text("checkpoint_id"))
            .ShouldContain(second.Text("checkpoint_id"));
    }

    [Fact]
    public async Task Edits_replace_add_and_remove_messages()
    {
        var thread = await Root.NewThreadAsync();
        await RunAsync(thread, Bodies.Echo("first"));
        await RunAsync(thread, Bodies.Echo("second"));
        var messages = await ListAsync(thread);
        var (replaced, removed) = (messages[1].GetProperty("message").Text("id"), messages[2].GetProperty("message").Text("id"));

        await EditAsync(thread, $$"""{"messages":[{"type":"ai","id":"{{replaced}}","content":"better"}]}""");
        await ShouldBeAsInHistoryAsync(thread);
        await EditAsync(thread, $$"""{"messages":[{"type":"remove","id":"{{removed}}","content":""},{"type":"human","content":"more"}]}""");
        await ShouldBeAsInHistoryAsync(thread);
        await RunAsync(thread, Bodies.Echo("third"));
        await ShouldBeAsInHistoryAsync(thread);

        messages = await ListAsync(thread);
        messages[1].GetProperty("run_id").ValueKind.ShouldBe(JsonValueKind.Null);
        messages[1].Text("node").ShouldBe("answer");
        messages.ShouldContain(message => message.GetProperty("message").Text("content") == "more");
    }

    [Fact]
    public async Task Nodes_of_one_superstep_are_told_apart()
    {
        var messages = Channel.Messages();
        var pair = new StateGraph().AddChannel(messages)
            .AddNode("left", _ => new StateUpdate().Add(messages, Message.Ai("from the left")))
            .AddNode("right", _ => new StateUpdate().Add(messages, Message.Ai("from the right")))
            .AddEdge(StateGraph.Start, "left").AddEdge(StateGraph.Start, "right").Compile();
        await using var server = await TestServer.StartAsync(add: weft => weft.AddGraph("pair", pair));
        var thread = await server.Root.NewThreadAsync();
        await server.Root.PostAsync(
            $"/threads/{thread}/runs/wait", """{"assistant_id":"pair","input":{"messages":[{"role":"human","content":"go"}]}}""");

        var listed = (await server.Root.GetAsync($"/weft/threads/{thread}/messages")).ShouldBeOk().Json.GetProperty("messages");

        listed.EnumerateArray().Select(message => (message.GetProperty("message").Text("content"), message.Text("node")))
            .ShouldBe([("go", "__start__"), ("from the left", "left"), ("from the right", "right")]);
    }

    [Fact]
    public async Task After_a_prune_only_later_messages_have_an_origin()
    {
        var thread = await Root.NewThreadAsync();
        await RunAsync(thread, Bodies.Echo("first"));
        await RunAsync(thread, Bodies.Echo("second"));
        (await Root.PostAsync("/threads/prune", $$"""{"thread_ids":["{{thread}}"],"strategy":"keep_latest"}""")).ShouldBeOk();
        var run = await RunAsync(thread, Bodies.Echo("third"));

        var messages = await ListAsync(thread);

        messages.Take(4).ShouldAllBe(message => message.GetProperty("checkpoint_id").ValueKind == JsonValueKind.Null);
        messages.Skip(4).Select(message => message.Text("run_id")).ShouldBe([run, run]);
    }

    [Fact]
    public async Task What_is_not_there_is_empty_refused_or_not_found()
    {
        var thread = await Root.NewThreadAsync();
        (await Root.GetAsync($"/weft/threads/{thread}/messages")).ShouldBeOk().Json.ShouldBeJson("""{"messages":[],"total":0,"next":null}""");
        await RunAsync(thread, Bodies.Echo("first"));

        (await Root.GetAsync($"/weft/threads/{thread}/messages?channel=none")).ShouldBeOk().Json.GetProperty("total").GetInt32().ShouldBe(0);
        (await Root.GetAsync($"/weft/threads/{NewId()}/messages")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/weft/threads/{thread}/messages?checkpoint_id={NewId()}")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/weft/threads/{thread}/messages?checkpoint_id=x")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/weft/threads/{thread}/messages?before=-1")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Root.GetAsync($"/weft/threads/{thread}/messages?limit=0")).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task The_messages_of_a_graph_inside_are_read_although_the_graph_can_not_be_made()
    {
        var fails = false;
        await using var server = await TestServer.StartAsync(add: weft => weft.AddGraph(
            "picky",
            (_, _) => Volatile.Read(ref fails) ? throw new InvalidOperationException("Not now.") : TestGraphs.Nested(),
            static graph => graph.CachedGraphsMax = 0));
        var thread = await server.Root.NewThreadAsync();
        using var stream = await server.Root.StreamAsync(
            $"/threads/{thread}/runs/stream",
            """{"assistant_id":"picky","input":{"messages":[{"role":"user","content":"hi"}]},"stream_mode":["tasks"]}""");
        var task = (await stream.ToEndAsync()).First(frame => frame.Event == "tasks" && frame.Json.Text("name") == "inner");
        var path = $"/weft/threads/{thread}/messages?checkpoint_ns=";
        var page = (await server.Root.GetAsync($"{path}inner:{task.Json.Text("id")}")).ShouldBeOk().Json;
        page.GetProperty("messages")[0].GetProperty("message").Text("content").ShouldBe("hi");

        Volatile.Write(ref fails, true);

        (await server.Root.GetAsync($"{path}inner:{task.Json.Text("id")}")).ShouldBeOk().Json.ShouldBeJson(page.GetRawText());
        (await server.Root.GetAsync($"{path}remember")).ShouldBeOk();
    }

    private async Task<string> RunAsync(string thread, string body)
    {
        var run = (await Root.PostAsync($"/threads/{thread}/runs", body)).ShouldBeOk().String("run_id");
        (await Root.GetAsync($"/threads/{thread}/runs/{run}/join")).ShouldBeOk();
        return run;
    }

    private async Task EditAsync(string thread, string values) =>
        (await Root.PostAsync($"/threads/{thread}/state", $$"""{"values":{{values}},"as_node":"answer"}""")).ShouldBeOk();

    private async Task<List<JsonElement>> ListAsync(string thread, string query = "") =>
        [.. (await Root.GetAsync($"/weft/threads/{thread}/messages?limit=100&{query}")).ShouldBeOk().Json.GetProperty("messages").EnumerateArray()];

    /// <summary>Compares each checkpoint with the oldest one on the branch that has the message.</summary>
    private async Task ShouldBeAsInHistoryAsync(string thread)
    {
        var states = (await Root.PostAsync($"/threads/{thread}/history", """{"limit":100}""")).ShouldBeOk().Json.EnumerateArray()
            .ToDictionary(state => state.CheckpointId());
        var branch = new List<JsonElement>();
        for (var at = (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json; ;)
        {
            branch.Add(at);
            if (at.GetProperty("parent_checkpoint") is not { ValueKind: JsonValueKind.Object } parent)
            {
                break;
            }

            at = states[parent.Text("checkpoint_id")];
        }

        var messages = await ListAsync(thread);
        var values = branch[0].GetProperty("values").GetProperty("messages");
        messages.Select(message => message.GetProperty("message").GetRawText()).ShouldBe(values.EnumerateArray().Select(value => value.GetRawText()));
        foreach (var message in messages)
        {
            var first = branch.FindLast(state => MessagesOf(state).Any(
                other => JsonElement.DeepEquals(other, message.GetProperty("message"))));
            message.Text("checkpoint_id").ShouldBe(first.CheckpointId(), message.GetRawText());
        }
    }

    private static IEnumerable<JsonElement> MessagesOf(JsonElement state) =>
        state.GetProperty("values").TryGetProperty("messages", out var messages) ? messages.EnumerateArray() : [];
}
