using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>A node that counts, then one that the engine refuses in the way that the input names.</summary>
internal static class BrokenFixture
{
    public static CompiledGraph Create()
    {
        var how = Channel.LastValue<string>("how");
        var count = Channel.Reducer("count", 0, (sum, more) => sum + more);
        var ratio = Channel.LastValue<double>("ratio");
        var stranger = Channel.LastValue<int>("stranger");

        return new StateGraph()
            .AddChannels(how, count, ratio)
            .AddNode("work", _ => new StateUpdate().Set(count, 1))
            .AddNode("breaks", context => context.Get(how) switch
            {
                "goes nowhere" => new Command { Goto = ["nobody"] },
                "sends nowhere" => new Command { Goto = [Send.Of("nobody", 1)] },
                "writes nowhere" => new StateUpdate().Set(stranger, 1),
                "writes no JSON" => new StateUpdate().Set(ratio, double.NaN),
                _ => StateUpdate.None,
            })
            .AddEdge(StateGraph.Start, "work")
            .AddEdge("work", "breaks")
            .AddEdge("breaks", StateGraph.End)
            .Compile();
    }
}
