namespace Weft.Graphs.Tests.Building;

/// <summary>What is wrong with a graph is said before it runs.</summary>
public sealed class StateGraphTests
{
    [Fact]
    public void An_edge_to_a_node_that_is_not_there_names_it_and_those_that_are() =>
        Fails(graph => graph.AddEdge(StateGraph.Start, "a").AddEdge("a", "c")).ShouldBe(
            "The edge from 'a' to 'c' names the node 'c', which is not in the graph. Add it with AddNode, or mend the "
                + "name; there are a, b.");

    [Fact]
    public void A_joined_edge_from_a_node_that_is_not_there_names_it() =>
        Fails(graph => graph.AddEdge(StateGraph.Start, "a").AddEdge(["a", "zz"], "b")).ShouldContain("'zz'");

    [Fact]
    public void A_target_of_a_conditional_edge_that_is_not_there_is_named() =>
        Fails(graph => graph.AddEdge(StateGraph.Start, "a").AddConditionalEdges("a", _ => "b", ["b", "zz"])).ShouldContain("'zz'");

    [Fact]
    public void A_destination_of_a_node_that_is_not_there_is_named() =>
        Should.Throw<GraphBuildException>(() => Node(new StateGraph(), "a", "zz").AddEdge(StateGraph.Start, "a").Compile())
            .Message.ShouldStartWith("A destination of 'a' names the node 'zz'");

    [Fact]
    public async Task A_conditional_edge_may_wait_for_what_it_decides_by()
    {
        var graph = TestGraphs.New("a", "b", "c").AddEdge(StateGraph.Start, "a").AddConditionalEdges(
            "a",
            async (context, cancellationToken) =>
            {
                await Task.Yield();
                return [$"{(context.Get(TestGraphs.Trail)!.Count == 1 ? "b" : "c")}"];
            },
            ["b", "c"]).Compile();
        (await new ThreadUnderTest(graph).RunAsync()).TrailOf().ShouldBe(["a", "b"]);
    }

    [Fact]
    public void An_interrupt_at_a_node_that_is_not_there_is_named() =>
        Should.Throw<GraphBuildException>(() => Line().Compile(new CompileOptions { InterruptBefore = NodeSelection.Of("zz") }))
            .Message.ShouldContain("'zz'");

    [Fact]
    public void A_graph_begins_somewhere() => Fails(graph => graph.AddEdge("a", "b")).ShouldContain("StateGraph.Start");

    [Fact]
    public void A_node_that_nothing_leads_to_is_named() =>
        Fails(graph => graph.AddEdge(StateGraph.Start, "a")).ShouldContain("'b' can't be reached");

    [Fact]
    public void Nodes_that_lead_only_to_one_another_are_not_reached() =>
        Should.Throw<GraphBuildException>(() => TestGraphs.New("a", "b", "c")
            .AddEdge(StateGraph.Start, "a").AddEdge("b", "c").AddEdge(["b", "c"], "b").Compile()).Message.ShouldContain("'b' can't be reached");

    [Fact]
    public void A_node_may_be_reached_by_command_or_by_a_branch_that_leads_anywhere()
    {
        Node(Node(new StateGraph(), "b"), "a", "b").AddEdge(StateGraph.Start, "a").Compile().Nodes.ShouldBe(["b", "a"]);
        Line(edge: false).AddConditionalEdges("a", _ => "b").Compile().Nodes.ShouldBe(["a", "b"]);
    }

    [Fact]
    public void Names_are_taken_once()
    {
        Should.Throw<GraphBuildException>(() => Node(Line(), "a")).Message.ShouldContain("already has a node 'a'");
        Should.Throw<GraphBuildException>(
            () => new StateGraph().AddChannel(Channel.Messages()).AddChannel(Channel.List<int>("messages"))).Message.ShouldContain("'messages'");
    }

    [Theory]
    [InlineData("__start__")]
    [InlineData("__end__")]
    [InlineData("a:b")]
    [InlineData("a|b")]
    public void Names_of_the_engine_are_no_node_names(string name) =>
        Should.Throw<GraphBuildException>(() => Node(new StateGraph(), name)).Message.ShouldContain($"'{name}'");

    [Fact]
    public void Edges_go_from_the_start_to_the_end()
    {
        Should.Throw<GraphBuildException>(() => Line().AddEdge("a", StateGraph.Start));
        Should.Throw<GraphBuildException>(() => Line().AddEdge(StateGraph.End, "a"));
        Should.Throw<GraphBuildException>(() => Line().AddEdge(["a", StateGraph.End], "b"));
        Should.Throw<GraphBuildException>(() => Line().AddEdge([], "b")).Message.ShouldContain("no source");
    }

    [Fact]
    public void A_graph_accepts_the_choices_that_all_of_its_parts_accept()
    {
        var choice = Choosing(["a", "b", "c"], "a").AddNode("inner", Choosing(["c", "b"]).Compile()).AddEdge(StateGraph.Start, "inner")
            .Compile().ConfigurableChoices.ShouldHaveSingleItem();
        choice.Values.ShouldBe(["b", "c"]);
        choice.Default.ShouldBeNull();
        Choosing(["a", "b"], "a").AddConfigurableChoice("model", ["a"]).Compile().ConfigurableChoices.ShouldHaveSingleItem().Default
            .ShouldBe("a");
    }

    [Fact]
    public void Choices_of_nothing_are_refused()
    {
        Fails(graph => graph.AddConfigurableChoice("model", [])).ShouldBe("The choice 'model' has no values.");
        Fails(graph => graph.AddConfigurableChoice("model", ["a", "b"], "c")).ShouldBe("The default 'c' of 'model' is none of a, b.");
        Should.Throw<GraphBuildException>(() => Choosing(["a", "b"]).AddConfigurableChoice("model", ["c"]).Compile())
            .Message.ShouldBe("No value of 'model' is one of a, b and also one of c, as parts of the graph declare.");
    }

    private static StateGraph Choosing(IReadOnlyList<string> values, string? defaultValue = null) =>
        Line().AddConfigurableChoice("model", values, defaultValue);

    private static string Fails(Action<StateGraph> build)
    {
        var graph = Node(Node(new StateGraph(), "a"), "b");
        return Should.Throw<GraphBuildException>(() =>
        {
            build(graph);
            graph.Compile();
        }).Message;
    }

    private static StateGraph Line(bool edge = true)
    {
        var graph = Node(Node(new StateGraph(), "a"), "b").AddEdge(StateGraph.Start, "a");
        return edge ? graph.AddEdge("a", "b") : graph;
    }

    private static StateGraph Node(StateGraph graph, string name, params string[] destinations) =>
        graph.AddNode(name, _ => StateUpdate.None, new NodeOptions { Destinations = destinations });
}
