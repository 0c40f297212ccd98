namespace Weft.Graphs.Tests.Docs;

public sealed class FirstGraphSnippets : GuideSnippets
{
    [Fact]
    public async Task First_graph()
    {
        // snippet: first-graph
        var topic = Channel.LastValue<string>("topic");
        var draft = Channel.LastValue<string>("draft");
        var words = Channel.LastValue<int>("words");

        var graph = new StateGraph()
            .AddChannels(topic, draft, words)
            .AddNode("write", context => new StateUpdate().Set(draft, $"All about {context.Get(topic)}."))
            .AddNode("count", context => new StateUpdate().Set(words, context.Get(draft)!.Split(' ').Length))
            .AddNode("sign", context => new StateUpdate().Set(draft, $"{context.Get(draft)} ({context.Get(words)} words)"))
            .AddEdge(StateGraph.Start, "write")
            .AddEdge("write", "count")
            .AddEdge("count", "sign")
            .Compile();

        var result = await graph.RunAsync(new StateUpdate().Set(topic, "looms"));
        Console.WriteLine(result.Values.Get(draft));
        // end

        Prints("first-graph");
    }
}
