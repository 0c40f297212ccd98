namespace Weft.Graphs.Tests.Docs;

public sealed class DrawingSnippets : GuideSnippets
{
    [Fact]
    public void Drawing()
    {
        // snippet: schema
        var question = Channel.LastValue<string>("question").Describe("What the user wants to know.");
        var sources = Channel.List<Uri>("sources");
        var answer = Channel.LastValue<string>("answer");

        var graph = new StateGraph()
            .AddChannels(question, sources, answer)
            .Input(question)
            .Output(answer)
            .AddNode("search", _ => StateUpdate.None)
            .AddNode("answer", _ => StateUpdate.None)
            .AddEdge(StateGraph.Start, "search")
            .AddConditionalEdges(
                "search",
                context => context.Has(sources),
                new Dictionary<bool, string> { [true] = "answer", [false] = "search" })
            .Compile();

        Console.WriteLine(graph.Schemas.Input);
        // end

        Prints("schema");
        Console.Clear();

        // snippet: mermaid
        Console.WriteLine(DrawnGraph.Of(graph).ToMermaid());
        // end

        Prints("mermaid");
    }
}
