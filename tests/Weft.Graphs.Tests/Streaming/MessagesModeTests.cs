using System.Text;
using System.Text.Json;
using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Streaming;

public sealed class MessagesModeTests
{
    [Fact]
    public async Task A_message_is_told_as_it_grows_and_once_it_is_complete()
    {
        var thread = Thread(Says("a1", Text("a1", "he"), Text("a1", "l"), Text("a1", "lo")));
        await thread.RunAsync("""{"messages":{"role":"user","content":"hi","id":"h1"}}""");
        Told(thread)
            .ShouldBe(["complete h1:hi", "metadata a1", "partial a1:he", "partial a1:hel", "partial a1:hello", "complete a1:hello"]);
        var metadata = thread.Events.Single(sent => sent.Event == "messages/metadata").Data.GetProperty("a1").GetProperty("metadata");
        metadata.GetProperty("langgraph_node").GetString().ShouldBe("say");
        metadata.GetProperty("ls_provider").GetString().ShouldBe("acme");
        Partials(thread)[^1].GetRawText().ShouldBe(
            """{"type":"ai","id":"a1","content":"hello","additional_kwargs":{},"response_metadata":{},"tool_calls":[],"invalid_tool_calls":[],"tool_call_chunks":[]}""");
    }

    [Fact]
    public async Task Text_is_told_as_it_was_written()
    {
        var thread = Thread(Says("a1", Text("a1", "a \\\"b\\\""), Text("a1", "\\u2028\\n"), Text("a1", "é😀")));
        await thread.RunAsync();
        Partials(thread)[^1].GetProperty("content").GetString().ShouldBe("a \"b\"\u2028\né😀");
    }

    [Fact]
    public async Task Tool_calls_are_told_as_far_as_they_have_come()
    {
        var thread = Thread(Says(
            "a1",
            Call("""{"name":"search","args":"","id":"c1","index":0,"type":"tool_call_chunk"}"""),
            Call("""{"name":null,"args":"{\"q\":\"ro","id":null,"index":0}"""),
            Call("""{"name":null,"args":"me\"}","id":null,"index":0},{"name":"odd","args":"[1","id":"c2","index":1}""")));
        await thread.RunAsync();
        var partials = Partials(thread);
        partials.Select(partial => partial.GetProperty("tool_calls").GetRawText()).ShouldBe([
            """[{"name":"search","args":{},"id":"c1","type":"tool_call"}]""",
            """[{"name":"search","args":{"q":"ro"},"id":"c1","type":"tool_call"}]""",
            """[{"name":"search","args":{"q":"rome"},"id":"c1","type":"tool_call"}]""",
        ]);
        partials[^1]
            .GetProperty("invalid_tool_calls")
            .GetRawText()
            .ShouldBe("""[{"name":"odd","args":"[1","id":"c2","error":"Malformed args.","type":"invalid_tool_call"}]""");
        partials[^1].GetProperty("tool_call_chunks")[0].GetProperty("args").GetString().ShouldBe("""{"q":"rome"}""");
    }

    [Fact]
    public async Task Usage_adds_up_and_what_is_said_besides_is_merged()
    {
        var thread = Thread(Says(
            "a1",
            """{"type":"AIMessageChunk","content":"x","usage_metadata":{"input_tokens":3,"total_tokens":3},"additional_kwargs":{"why":"be"},"response_metadata":{"model_name":"small"}}""",
            """{"type":"AIMessageChunk","content":"","usage_metadata":{"output_tokens":2,"total_tokens":2,"output_token_details":{"reasoning":1}},"additional_kwargs":{"why":"cause"},"response_metadata":{"finish_reason":"stop"},"chunk_position":"last"}"""));
        await thread.RunAsync();
        var message = Partials(thread)[^1];
        message.GetProperty("content").GetString().ShouldBe("x");
        message.GetProperty("usage_metadata")
            .GetRawText()
            .ShouldBe("""{"input_tokens":3,"total_tokens":5,"output_tokens":2,"output_token_details":{"reasoning":1}}""");
        message.GetProperty("additional_kwargs").GetRawText().ShouldBe("""{"why":"because"}""");
        message.GetProperty("response_metadata").GetRawText().ShouldBe("""{"model_name":"small","finish_reason":"stop"}""");
        message.TryGetProperty("chunk_position", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Blocks_are_merged_by_index_and_text_before_them_becomes_one()
    {
        var thread = Thread(Says(
            "a1",
            Text("a1", "first \\\"one\\\""),
            Blocks("""{"type":"reasoning","reasoning":"hm","index":0}"""),
            Blocks("""{"type":"reasoning","reasoning":"m","index":0},{"type":"text","text":"so","index":1}"""),
            Text("a1", "!")));
        await thread.RunAsync();
        Partials(thread)[^1].GetProperty("content").GetRawText().ShouldBe(
            """[{"type":"text","text":"first \"one\""},{"type":"reasoning","reasoning":"hmm","index":0},{"type":"text","text":"so","index":1},{"type":"text","text":"!"}]""");
    }

    [Fact]
    public async Task A_chunk_that_adds_nothing_is_not_told()
    {
        var thread = Thread(
            Says(
                "a1",
                Text("a1", ""),
                Text("a1", "x"),
                """{"type":"AIMessageChunk","id":"a1","content":"","response_metadata":{},"chunk_position":"last"}"""));
        await thread.RunAsync();
        Told(thread).ShouldBe(["metadata a1", "partial a1:x", "complete a1:x"]);
    }

    [Fact]
    public async Task Whole_messages_are_told_once_complete_and_not_again_when_they_change()
    {
        var thread = Thread(New()
            .AddNode("call", _ => new StateUpdate().Add(Chat, Message.Ai("one", "a1"), Message.Tool("4", "c", id: "t1")))
            .AddNode("edit", _ => new StateUpdate().Add(Chat, Message.Ai("two", "a1"), Message.Remove("t1")))
            .Chain("call", "edit"));
        await thread.RunAsync();
        Told(thread).ShouldBe(["complete a1:one, t1:4"]);
    }

    [Fact]
    public async Task A_later_run_begins_with_the_messages_that_the_thread_has()
    {
        var thread = Thread(
            New().AddNode("say", context => new StateUpdate().Add(Chat, Message.Ai("ok", $"a{context.Step}"))).Chain("say"));
        await thread.RunAsync("""{"messages":{"role":"user","content":"one","id":"h1"}}""");
        await thread.RunAsync("""{"messages":{"role":"user","content":"two","id":"h2"}}""");
        Told(thread).ShouldBe(["complete h1:one, a1:ok, h2:two", "complete a4:ok"]);
    }

    [Fact]
    public async Task Messages_of_parallel_nodes_grow_each_by_itself()
    {
        var first = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        var graph = New()
            .AddNode("a", async (context, _) =>
            {
                Emit(context, "a1", "a");
                first.SetResult();
                await second.Task;
                Emit(context, "a1", "A");
                return new StateUpdate().Add(Chat, Message.Ai("aA", "a1"));
            })
            .AddNode("b", async (context, _) =>
            {
                await first.Task;
                Emit(context, "b1", "b");
                second.SetResult();
                return new StateUpdate().Add(Chat, Message.Ai("b", "b1"));
            })
            .AddEdge(StateGraph.Start, "a").AddEdge(StateGraph.Start, "b");
        var thread = Thread(graph);
        await thread.RunAsync();
        Told(thread).ShouldBe(["metadata a1", "partial a1:a", "metadata b1", "partial b1:b", "partial a1:aA", "complete a1:aA, b1:b"]);
    }

    [Fact]
    public async Task A_pause_tells_the_messages_of_what_finished_beside_it()
    {
        var graph = New()
            .AddNode("say", _ => new StateUpdate().Add(Chat, Message.Ai("done", "a1")))
            .AddNode("ask", Ask("ask", "ok?"))
            .AddEdge(StateGraph.Start, "say").AddEdge(StateGraph.Start, "ask");
        var thread = Thread(graph);
        await thread.RunAsync();
        Told(thread).ShouldBe(["complete a1:done"]);
    }

    [Fact]
    public async Task A_node_with_the_tag_nostream_tells_only_what_is_complete()
    {
        foreach (var tag in (string[])["nostream", "langsmith:nostream"])
        {
            var thread = Thread(
                New().AddNode("say", Streams("a1", Text("a1", "x")), new NodeOptions { Tags = [tag] }).Chain("say"),
                StreamMode.Messages | StreamMode.MessagesTuple);
            await thread.RunAsync();
            Told(thread).ShouldBe(["complete a1:x"]);
            thread.Of(StreamMode.MessagesTuple).Select(part => Element(part)[0].GetProperty("content").GetString()).ShouldBe(["x"]);
        }
    }

    [Theory]
    [InlineData(false, "complete a1:x")]
    [InlineData(true, "metadata a1", "partial a1:x", "complete a1:x")]
    public async Task Models_of_a_graph_inside_are_heard_only_with_subgraphs_and_never_under_a_namespace(
        bool subgraphs, params string[] expected)
    {
        var inner = New().AddNode("say", Streams("a1", Text("a1", "x"))).Chain("say").Compile();
        var thread = Thread(New().AddNode("inner", inner).Chain("inner"));
        thread.Options = thread.Options with { StreamSubgraphs = subgraphs };
        await thread.RunAsync();
        Told(thread).ShouldBe(expected);
    }

    [Fact]
    public async Task A_failed_run_tells_no_message_complete_that_is_not()
    {
        var thread = Thread(New()
            .AddNode("say", context =>
            {
                Emit(context, "a1", "half");
                throw new InvalidOperationException("gone");
            })
            .Chain("say"));
        await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync());
        Told(thread).ShouldBe(["metadata a1", "partial a1:half"]);
    }

    private static ThreadUnderTest Thread(StateGraph graph, StreamMode modes = StreamMode.Messages) =>
        new(graph.Compile()) { Options = new GraphRunOptions { Modes = modes } };

    private static StateGraph Says(string id, params string[] chunks) => New().AddNode("say", Streams(id, chunks)).Chain("say");

    /// <summary>A node that streams the chunks and returns the text of the content of the plain ones.</summary>
    private static Func<NodeContext, NodeResult> Streams(string id, params string[] chunks) => context =>
    {
        var model = new ModelInfo("acme", "small");
        foreach (var chunk in chunks)
        {
            context.Messages.Emit(id, Encoding.UTF8.GetBytes(chunk), model);
        }

        return new StateUpdate().Add(
            Chat,
            Message.Ai(
                string.Concat(
                    chunks.Select(chunk => Element(chunk).GetProperty("content"))
                        .Where(content => content.ValueKind == JsonValueKind.String)),
                id));
    };

    private static void Emit(NodeContext context, string id, string text) =>
        context.Messages.Emit(id, Encoding.UTF8.GetBytes(Text(id, text)));

    private static string Text(string id, string escaped) =>
        $$"""{"type":"AIMessageChunk","id":"{{id}}","content":"{{escaped}}","additional_kwargs":{},"tool_calls":[],"tool_call_chunks":[]}""";

    private static string Call(string chunks) =>
        $$"""{"type":"AIMessageChunk","content":"","tool_calls":[{"name":"","args":{},"id":null,"type":"tool_call"}],"tool_call_chunks":[{{chunks}}]}""";

    private static string Blocks(string blocks) => $$"""{"type":"AIMessageChunk","content":[{{blocks}}]}""";

    private static List<JsonElement> Partials(ThreadUnderTest thread) =>
        [.. thread.Events.Where(sent => sent.Event == "messages/partial").Select(sent => sent.Data[0])];

    private static IEnumerable<string> Told(ThreadUnderTest thread) =>
        thread.Events.Where(sent => sent.Event.StartsWith("messages/", StringComparison.Ordinal)).Select(sent =>
            sent.Event == "messages/metadata"
                ? $"metadata {sent.Data.EnumerateObject().Single().Name}"
                : $"{sent.Event["messages/".Length..]} {string.Join(", ", sent.Data.EnumerateArray().Select(message => $"{message.GetProperty("id")}:{message.GetProperty("content")}"))}");
}
