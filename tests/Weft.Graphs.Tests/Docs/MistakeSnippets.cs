namespace Weft.Graphs.Tests.Docs;

public sealed class MistakeSnippets : GuideSnippets
{
    [Fact]
    public void Mistakes_that_building_finds()
    {
        // snippet: mistakes
        var name = Channel.LastValue<string>("name");
        NodeResult Pass(NodeContext context) => StateUpdate.None;

        StateGraph Sound() => new StateGraph().AddChannel(name).AddNode("a", Pass).AddNode("b", Pass).AddEdge(StateGraph.Start, "a");

        Action[] mistakes =
        [
            () => Sound().AddEdge("a", "c").Compile(),
            () => Sound().Compile(),
            () => Sound().AddConditionalEdges("a", _ => "b", ["b", "c"]).Compile(),
            () => new StateGraph().AddNode("a", Pass).Compile(),
            () => Sound().AddNode("a", Pass),
            () => Sound().AddChannel(Channel.LastValue<int>("name")),
            () => Sound().AddNode("a:b", Pass),
        ];
        foreach (var mistake in mistakes)
        {
            try
            {
                mistake();
            }
            catch (GraphBuildException e)
            {
                Console.WriteLine($"- {e.Message}");
            }
        }
        // end

        Prints("mistakes");
    }

    [Fact]
    public async Task Mistakes_that_running_finds()
    {
        // snippet: mistakes-at-run
        var name = Channel.LastValue<string>("name");
        var other = Channel.LastValue<string>("name");
        NodeResult Write(NodeContext context) => new StateUpdate().Set(name, context.Node);

        StateGraph Sound() => new StateGraph().AddChannel(name).AddNode("a", Write).AddEdge(StateGraph.Start, "a");

        CompiledGraph[] mistaken =
        [
            Sound().AddNode("b", Write).AddEdge(StateGraph.Start, "b").Compile(),
            Sound().AddNode("b", _ => new StateUpdate().Set(other, "x")).AddEdge("a", "b").Compile(),
            Sound().AddNode("b", _ => new Command { Goto = ["c"] }).AddEdge("a", "b").Compile(),
        ];
        foreach (var graph in mistaken)
        {
            try
            {
                await graph.RunAsync(StateUpdate.None);
            }
            catch (GraphException e)
            {
                Console.WriteLine($"- {e.Message}");
            }
        }
        // end

        Prints("mistakes-at-run");
    }
}
