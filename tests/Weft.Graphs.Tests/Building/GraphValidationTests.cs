namespace Weft.Graphs.Tests.Building;

public sealed class GraphValidationTests
{
    [Fact]
    public void Names_are_taken_once()
    {
        Refusal(() => TestGraphs.New("a", "a")).ShouldContain("already has a node 'a'");
        Refusal(() => TestGraphs.New().AddChannel(Channel.LastValue<int>("name"))).ShouldContain("already has a channel 'name'");
    }

    [Theory]
    [InlineData("__interrupt__")]
    [InlineData("branch:to:a")]
    public void Names_of_the_engine_are_no_names_of_channels(string name) =>
        Should.Throw<ArgumentException>(() => Channel.LastValue<int>(name));

    [Fact]
    public void A_joined_edge_has_sources() => Refusal(() => TestGraphs.New("a").AddEdge([], "a")).ShouldContain("has no source");

    [Fact]
    public async Task Going_to_a_node_that_is_not_there_fails_the_run()
    {
        var thread = new ThreadUnderTest(TestGraphs.New().AddNode("a", _ => new Command { Goto = ["nobody"] }).Chain("a").Compile());
        (await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync()))
            .InnerException.ShouldBeOfType<UnknownNodeException>()
            .Message.ShouldContain("nobody");
    }

    [Fact]
    public void A_node_whose_commands_replace_its_edges_has_no_conditional_ones() =>
        Refusal(() => TestGraphs.New("b")
            .AddNode("a", TestGraphs.Visit("a"), new NodeOptions { GotoReplacesEdges = true })
            .Chain("a")
            .AddConditionalEdges("a", _ => "b", ["b"])
            .Compile()).ShouldContain("The node 'a' has GotoReplacesEdges");

    private static string Refusal(Action build) => Should.Throw<GraphBuildException>(build).Message;
}
