using System.Text.Json;
using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Streaming;

public sealed class EventsModeTests
{
    [Fact]
    public async Task Graph_nodes_and_branches_are_told_from_start_to_end()
    {
        var graph = New("a", "b").AddEdge(StateGraph.Start, "a").AddConditionalEdges("a", _ => "b", ["b"]);
        var thread = Thread(graph);
        await thread.RunAsync("""{"name":"x"}""");
        Told(thread).ShouldBe([
            "on_chain_start LangGraph", "on_chain_start a", "on_chain_start RunnableLambda",
            "on_chain_end RunnableLambda", "on_chain_end a", "on_chain_start b", "on_chain_end b",
            "on_chain_end LangGraph",
        ]);
        var events = Events(thread);
        var root = events[0];
        root.GetProperty("run_id").GetString().ShouldBe("the-run");
        root.GetProperty("parent_ids").GetRawText().ShouldBe("[]");
        root.GetProperty("metadata").GetRawText().ShouldBe("""{"of":"me"}""");
        root.GetProperty("data").GetRawText().ShouldBe("""{"input":{"name":"x"}}""");
        var start = events[1];
        start.GetProperty("tags").GetRawText().ShouldBe("""["graph:step:1"]""");
        start.GetProperty("parent_ids").GetRawText().ShouldBe("""["the-run"]""");
        start.GetProperty("metadata").GetProperty("of").GetString().ShouldBe("me");
        start.GetProperty("metadata").GetProperty("langgraph_node").GetString().ShouldBe("a");
        events[3].GetProperty("data").GetProperty("output").GetString().ShouldBe("b");
        events[3].GetProperty("data").GetProperty("input").GetProperty("trail").GetRawText().ShouldBe("""["a"]""");
        events[3]
            .GetProperty("parent_ids")
            .EnumerateArray()
            .Select(id => id.GetString())
            .ShouldBe(["the-run", start.GetProperty("run_id").GetString()]);
        events[4]
            .GetProperty("data")
            .GetRawText()
            .ShouldBe("""{"output":{"trail":["a"]},"input":{"name":"x","count":0,"trail":[],"messages":[]}}""");
        events[4].GetProperty("run_id").GetString().ShouldBe(start.GetProperty("run_id").GetString());
        events[^1].GetProperty("data").GetRawText().ShouldBe("""{"output":{"name":"x","count":0,"trail":["a","b"],"messages":[]}}""");
    }

    [Fact]
    public async Task A_node_tells_what_goes_on_inside_of_it()
    {
        var thread = Thread(New()
            .AddNode("find", context =>
            {
                context.Events.IsRequested.ShouldBeTrue();
                var span = context.Events.Start(EventKind.Retriever, "docs", Json("\"rome\""), ["fast"]).ShouldNotBeNull();
                context.Events.Start(EventKind.Prompt, "ask", Json("1"))?.End(Json("2"));
                span.Stream(Json("[1]"));
                span.End(Json("[1,2]"));
                context.Events.Start(EventKind.Chain, "after", Json("3"));
                return StateUpdate.None;
            })
            .Chain("find"));
        await thread.RunAsync();
        Told(thread).Skip(2).SkipLast(2).ShouldBe([
            "on_retriever_start docs", "on_prompt_start ask", "on_prompt_end ask", "on_retriever_stream docs",
            "on_retriever_end docs", "on_chain_start after",
        ]);
        var events = Events(thread);
        var node = events[1].GetProperty("run_id").GetString();
        var docs = events[2].GetProperty("run_id").GetString();
        ParentOf(events[2]).ShouldBe(node);
        ParentOf(events[3]).ShouldBe(docs);
        ParentOf(events[7]).ShouldBe(node);
        events[2].GetProperty("tags").GetRawText().ShouldBe("""["fast"]""");
        events[5].GetProperty("data").GetRawText().ShouldBe("""{"chunk":[1]}""");
        events[6].GetProperty("data").GetRawText().ShouldBe("""{"output":[1,2],"input":"rome"}""");
    }

    [Fact]
    public async Task Graphs_inside_are_told_with_subgraphs_or_without_and_never_under_a_namespace()
    {
        foreach (var subgraphs in (bool[])[false, true])
        {
            var thread = Thread(New().AddNode("outer", Line("deep")).Chain("outer"));
            thread.Options = thread.Options with { StreamSubgraphs = subgraphs };
            await thread.RunAsync();
            thread.Events.Select(sent => sent.Event).Distinct().ShouldBe(["events"]);
            Told(thread).ShouldBe([
                "on_chain_start LangGraph", "on_chain_start outer", "on_chain_start LangGraph", "on_chain_start deep",
                "on_chain_end deep", "on_chain_end LangGraph", "on_chain_end outer", "on_chain_end LangGraph",
            ]);
            Events(thread)[3].GetProperty("parent_ids").GetArrayLength().ShouldBe(3);
        }
    }

    [Fact]
    public async Task Parallel_nodes_have_the_graph_as_their_parent()
    {
        var thread = Thread(New("a", "b").AddEdge(StateGraph.Start, "a").AddEdge(StateGraph.Start, "b"));
        await thread.RunAsync();
        Events(thread).Where(told => told.GetProperty("name").GetString() is "a" or "b").Select(ParentOf).Distinct().ShouldBe(["the-run"]);
    }

    [Fact]
    public async Task What_fails_or_asks_does_not_end_and_a_retry_is_a_span_of_its_own()
    {
        var failures = 0;
        var options = new NodeOptions { Retry = new RetryPolicy { InitialInterval = TimeSpan.Zero, AttemptsMax = 2 } };
        var failing = Thread(
            New().AddNode("bad", _ => failures++ < 2 ? throw new TimeoutException("late") : StateUpdate.None, options).Chain("bad"));
        await Should.ThrowAsync<NodeFailedException>(() => failing.RunAsync());
        Told(failing).ShouldBe(["on_chain_start LangGraph", "on_chain_start bad", "on_chain_start bad"]);
        Events(failing).Skip(1).Select(ParentOf).ShouldBe(["the-run", "the-run"]);

        var asking = Thread(New().AddNode("ask", Ask("ask", "ok?")).Chain("ask"));
        await asking.RunAsync();
        Told(asking).ShouldBe(["on_chain_start LangGraph", "on_chain_start ask", "on_chain_end LangGraph"]);
        Events(asking)[^1].GetProperty("data").GetRawText().ShouldBe("""{"output":{"count":0,"trail":[],"messages":[]}}""");

        await asking.ResumeAsync("\"yes\"");
        Events(asking)[0].GetProperty("data").GetRawText().ShouldBe("""{"input":{"resume":"yes"}}""");
        Told(asking).ShouldBe(["on_chain_start LangGraph", "on_chain_start ask", "on_chain_end ask", "on_chain_end LangGraph"]);
    }

    [Fact]
    public async Task A_send_has_its_own_input_and_a_branch_tells_where_it_goes()
    {
        var thread = Thread(New("a").AddNode("b", _ => (StateUpdate?)null)
            .AddEdge(StateGraph.Start, "a")
            .AddConditionalEdges("a", _ => (Destination[])[Send.Of("b", 1), "b"]));
        await thread.RunAsync();
        var events = Events(thread);
        events.Single(told => Is(told, "on_chain_end", "RunnableLambda"))
            .GetProperty("data")
            .GetProperty("output")
            .GetRawText()
            .ShouldBe("""[{"node":"b","input":1},"b"]""");
        var ends = events.Where(told => Is(told, "on_chain_end", "b")).Select(told => told.GetProperty("data")).ToList();
        ends.Select(end => end.GetProperty("input").ValueKind).ShouldBe([JsonValueKind.Number, JsonValueKind.Object], ignoreOrder: true);
        ends.ShouldAllBe(end => end.GetProperty("output").ValueKind == JsonValueKind.Null);
    }

    [Fact]
    public async Task A_tool_is_told_with_its_arguments_and_result_or_failure()
    {
        var call = new ToolCall("weather", Element("""{"city":"Rome"}"""), "c1");
        var thread = Thread(New()
            .AddNode("call", context =>
            {
                context.StartTool(call)!.End(Message.Tool("sunny", "c1"));
                context.StartTool(call)!.Fail(new InvalidOperationException("no sky"));
                return StateUpdate.None;
            })
            .Chain("call"));
        await thread.RunAsync();
        Told(thread)
            .Skip(2)
            .SkipLast(2)
            .ShouldBe(["on_tool_start weather", "on_tool_end weather", "on_tool_start weather", "on_tool_error weather"]);
        var events = Events(thread);
        events[2].GetProperty("data").GetRawText().ShouldBe("""{"input":{"city":"Rome"}}""");
        events[3].GetProperty("data").GetProperty("output").GetProperty("content").GetString().ShouldBe("sunny");
        events[5].GetProperty("data").GetRawText().ShouldBe("""{"error":"no sky","input":{"city":"Rome"}}""");
    }

    [Fact]
    public async Task Without_a_listener_there_is_no_span()
    {
        var thread = new ThreadUnderTest(New()
            .AddNode("a", context =>
            {
                context.Events.Start(EventKind.Chain, "inside", Json("1")).ShouldBeNull();
                return StateUpdate.None;
            })
            .Chain("a").Compile());
        await thread.RunAsync();
        thread.Of(StreamMode.Events).ShouldBeEmpty();
    }

    private static ThreadUnderTest Thread(StateGraph graph) =>
        new(graph.Compile())
        {
            Options = new GraphRunOptions { Modes = StreamMode.Events, RunId = "the-run", Metadata = """{"of":"me"}""" },
        };

    private static LazyJson Json(string json) => LazyJson.FromJson(Element(json));

    private static List<JsonElement> Events(ThreadUnderTest thread) => [.. thread.Of(StreamMode.Events).Select(Element)];

    private static IEnumerable<string> Told(ThreadUnderTest thread) =>
        Events(thread).Select(told => $"{told.GetProperty("event")} {told.GetProperty("name")}");

    private static bool Is(JsonElement told, string name, string of) =>
        told.GetProperty("event").GetString() == name && told.GetProperty("name").GetString() == of;

    private static string? ParentOf(JsonElement told) => told.GetProperty("parent_ids").EnumerateArray().Last().GetString();
}
