using System.Text;
using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Drawing;

public sealed class DrawingTests
{
    [Fact]
    public void A_drawing_has_start_nodes_end_and_edges()
    {
        var drawn = DrawnGraph.Of(Branching());
        drawn.Nodes.Select(node => node.Id).ShouldBe(["__start__", "plan", "act", "rest", "__end__"]);
        drawn.Edges.ShouldBe(
        [
            new("__start__", "plan"),
            new("act", "__end__"),
            new("rest", "__end__"),
            new("plan", "act", true, "True"),
            new("plan", "rest", true, "False"),
        ]);
        Json(drawn).ShouldStartWith("""{"nodes":[{"id":"__start__","type":"schema","data":"__start__"},{"id":"plan","type":"runnable","data":{"id":["weft","graphs","Node"],"name":"plan"},"metadata":{}}""");
    }

    [Fact]
    public void Breakpoints_are_marked()
    {
        var graph = New("a", "b", "c").Chain("a", "b", "c")
            .Compile(new CompileOptions { InterruptBefore = NodeSelection.Of("a", "b"), InterruptAfter = NodeSelection.Of("b", "c") });

        DrawnGraph.Of(graph).Nodes.Select(node => node.Interrupt).ShouldBe([null, "before", "before,after", "after", null]);
        Json(DrawnGraph.Of(graph)).ShouldContain("\"name\":\"b\"},\"metadata\":{\"__interrupt\":\"before,after\"}");
    }

    [Fact]
    public void Mermaid_text_shows_it() => DrawnGraph.Of(Branching()).ToMermaid().ShouldBe(
        """
        graph TD;
        	__start__([<p>__start__</p>]):::first
        	plan(plan)
        	act(act)
        	rest(rest)
        	__end__([<p>__end__</p>]):::last
        	__start__ --> plan;
        	act --> __end__;
        	rest --> __end__;
        	plan -. &nbsp;True&nbsp; .-> act;
        	plan -. &nbsp;False&nbsp; .-> rest;
        	classDef default fill:#f2f0ff,line-height:1.2
        	classDef first fill-opacity:0
        	classDef last fill:#bfb6fc

        """);

    [Fact]
    public void Graphs_inside_are_drawn_as_deep_as_asked()
    {
        var graph = Nested();
        DrawnGraph.Of(graph).Nodes.Single(node => node.Id == "two").IsGraph.ShouldBeTrue();

        var one = DrawnGraph.Of(graph, 1);
        one.Nodes.Select(node => node.Id).ShouldBe(["__start__", "one", "two:p", "two:q", "__end__"]);

        var all = DrawnGraph.Of(graph, 9);
        all.Nodes.Select(node => node.Id).ShouldBe(["__start__", "one", "two:p", "two:q:c", "__end__"]);
        all.Edges.Order(Comparer<DrawnEdge>.Create((x, y) => string.CompareOrdinal(x.Source, y.Source))).ShouldBe(
            [new("__start__", "one"), new("one", "two:p"), new("two:p", "two:q:c"), new("two:q:c", "__end__")]);
        all.ToMermaid().ShouldContain("\tsubgraph two\n\t\ttwo_3a_p(p)\n\t\tsubgraph q\n\t\t\ttwo_3a_q_3a_c(c)\n\t\tend\n\tend\n");
    }

    [Fact]
    public void A_branch_that_does_not_say_where_it_leads_may_lead_anywhere()
    {
        var graph = New("a", "b").AddEdge(StateGraph.Start, "a").AddConditionalEdges("a", _ => "b").Compile();
        DrawnGraph.Of(graph).Edges.Where(edge => edge.Source == "a").Select(edge => edge.Target).ShouldBe(["b", "__end__"]);
    }

    [Fact]
    public void Names_that_mean_something_to_mermaid_are_escaped()
    {
        var text = DrawnGraph.Of(New("say \"hi\" (now)").Chain("say \"hi\" (now)").Compile()).ToMermaid();
        text.ShouldContain("say_20__22_hi_22__20__28_now_29_(say &quot;hi&quot; &#40;now&#41;)");
    }

    [Fact]
    public void Graphs_inside_are_found_by_their_nodes() =>
        Nested().Subgraphs(recurse: true).Select(inside => inside.Namespace).ShouldBe(["two", "two|q"]);

    [Fact]
    public async Task A_finding_without_a_way_fails_the_run_and_says_which_there_are()
    {
        var graph = New("a", "b")
            .AddEdge(StateGraph.Start, "a")
            .AddConditionalEdges("a", _ => "nope", new Dictionary<string, string> { ["yes"] = "b", ["no"] = StateGraph.End })
            .Compile();
        (await Should.ThrowAsync<NodeFailedException>(() => new ThreadUnderTest(graph).RunAsync()))
            .Message.ShouldContain("has no node for 'nope', only for yes, no");
    }

    private static CompiledGraph Branching() => New("plan", "act", "rest").AddEdge(StateGraph.Start, "plan")
        .AddConditionalEdges("plan", context => context.Get(Count) == 0, new Dictionary<bool, string> { [true] = "act", [false] = "rest" })
        .AddEdge("act", StateGraph.End).Compile();

    private static CompiledGraph Nested()
    {
        var inner = New("c").Chain("c").Compile();
        var middle = New("p").AddNode("q", inner).Chain("p", "q").Compile();
        return New("one").AddNode("two", middle).Chain("one", "two").Compile();
    }

    private static string Json(DrawnGraph drawn) =>
        Encoding.UTF8.GetString(GraphJson.Encode(drawn, static (writer, drawn) => drawn.WriteTo(writer)));
}
