namespace Weft.Graphs.Tests.Building;

public sealed class GraphValidationTests
{
    [Fact]
    public void A_graph_without_a_first_node_is_refused() =>
        Refusal(() => TestGraphs.New("a").AddEdge("a", StateGraph.End).Compile()).ShouldContain("add an edge from StateGraph.Start");

    [Fact]
    public void A_node_that_nothing_leads_to_is_refused() =>
        Refusal(() => TestGraphs.New("a", "lost").Chain("a").Compile()).ShouldContain("'lost' can't be reached");

    [Fact]
    public void Edges_name_nodes_of_the_graph()
    {
        Refusal(() => TestGraphs.New("a").Chain("a", "b").Compile()).ShouldContain("names the node 'b'");
        Refusal(() => TestGraphs.New("a").Chain("a").AddEdge("b", "a").Compile()).ShouldContain("names the node 'b'");
        Refusal(() => TestGraphs.New("a").Chain("a").AddEdge(["a", "b"], StateGraph.End).Compile()).ShouldContain("names the node 'b'");
        Refusal(() => TestGraphs.New("a").Chain("a").AddConditionalEdges("a", _ => "b", ["b"]).Compile()).ShouldContain("names the node 'b'");
        Refusal(() => TestGraphs.New("a").Chain("a").Compile(new CompileOptions { InterruptBefore = NodeSelection.Of("b") })).ShouldContain("names the node 'b'");
    }

    [Fact]
    public void Names_are_taken_once()
    {
        Refusal(() => TestGraphs.New("a", "a")).ShouldContain("already has a node 'a'");
        Refusal(() => TestGraphs.New().AddChannel(Channel.LastValue<int>("name"))).ShouldContain("already has a channel 'name'");
    }

    [Theory]
    [InlineData(StateGraph.Start)]
    [InlineData(StateGraph.End)]
    [InlineData("a|b")]
    [InlineData("a:b")]
    public void Names_of_the_engine_are_no_names_of_nodes(string name) => Refusal(() => TestGraphs.New(name)).ShouldContain("can't name a node");

    [Theory]
    [InlineData("__interrupt__")]
    [InlineData("branch:to:a")]
    public void Names_of_the_engine_are_no_names_of_channels(string name) => Should.Throw<ArgumentException>(() => Channel.LastValue<int>(name));

    [Fact]
    public void Edges_leave_no_end_and_lead_to_no_start()
    {
        Refusal(() => TestGraphs.New("a").AddEdge(StateGraph.End, "a")).ShouldContain("can't leave");
        Refusal(() => TestGraphs.New("a").AddEdge("a", StateGraph.Start)).ShouldContain("can't leave");
        Refusal(() => TestGraphs.New("a").AddEdge([], "a")).ShouldContain("has no source");
    }

    [Fact]
    public void A_destination_of_a_command_counts_as_an_edge() =>
        TestGraphs.New().AddNode("a", _ => new Command { Goto = ["b"] }, ["b"]).AddNode("b", TestGraphs.Visit("b")).Chain("a").Compile().Nodes.ShouldBe(["a", "b"]);

    [Fact]
    public async Task Going_to_a_node_that_is_not_there_fails_the_run()
    {
        var thread = new ThreadUnderTest(TestGraphs.New().AddNode("a", _ => new Command { Goto = ["nobody"] }).Chain("a").Compile());
        (await Should.ThrowAsync<UnknownNodeException>(() => thread.RunAsync())).Message.ShouldContain("nobody");
    }

    private static string Refusal(Action build) => Should.Throw<GraphBuildException>(build).Message;
}
