using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>
/// A graph inside a graph inside a graph, which looks for <c>pace_ms</c> milliseconds and asks, behind one that counts its visits
/// on the thread.
/// </summary>
internal static class DeepFixture
{
    public static CompiledGraph Create()
    {
        var trail = Channel.List<string>("trail");
        var visits = Channel.LastValue<int>("visits");
        var pace = Channel.LastValue<int>("pace_ms");
        var count = Channel.Reducer("count", 0, (sum, more) => sum + more);
        var counter = new StateGraph().AddChannel(count).AddNode("count", _ => new StateUpdate().Set(count, 1))
            .AddEdge(StateGraph.Start, "count")
            .Compile(new CompileOptions { Name = "counter", Persistence = SubgraphPersistence.PerThread });

        async Task<NodeResult> VisitAsync(NodeContext context, CancellationToken cancellationToken)
        {
            var inside = await context.RunAsync(counter, StateUpdate.None, cancellationToken);
            return new StateUpdate().Set(visits, inside.Get(count));
        }

        NodeResult Note(NodeContext context) => new StateUpdate().Add(trail, context.Node);

        async Task<NodeResult> LookAsync(NodeContext context, CancellationToken cancellationToken)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(context.Get(pace)), context.Time, cancellationToken);
            return Note(context);
        }

        NodeResult Ask(NodeContext context) => new StateUpdate().Add(trail, "ask: " + context.Interrupt("how deep?"));

        var inner = new StateGraph().AddChannels(trail, pace).AddNode("look", LookAsync).AddNode("ask", Ask)
            .AddEdge(StateGraph.Start, "look").AddEdge("look", "ask").Compile();
        var middle = new StateGraph().AddChannels(trail, pace).AddNode("descend", Note).AddNode("inner", inner)
            .AddEdge(StateGraph.Start, "descend").AddEdge("descend", "inner").Compile();
        return new StateGraph()
            .AddChannels(trail, visits, pace)
            .AddNode("visit", VisitAsync, new NodeOptions { Subgraphs = [counter] })
            .AddNode("middle", middle)
            .AddNode("leave", Note)
            .AddEdge(StateGraph.Start, "visit")
            .AddEdge("visit", "middle")
            .AddEdge("middle", "leave")
            .AddEdge("leave", StateGraph.End)
            .Compile(new CompileOptions { Name = "deep" });
    }
}
