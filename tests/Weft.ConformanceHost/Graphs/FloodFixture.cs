using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>For measurements of memory: streams <c>count</c> texts of <c>size</c> characters as fast as it can.</summary>
internal static class FloodFixture
{
    public static CompiledGraph Create()
    {
        var count = Channel.LastValue<int>("count");
        var size = Channel.LastValue<int>("size");
        return new StateGraph()
            .AddChannels(count, size)
            .AddNode("flood", context =>
            {
                var text = new string('x', context.Get(size));
                for (var i = 0; i < context.Get(count); i++)
                {
                    context.Write($"{i} {text}");
                }

                return StateUpdate.None;
            })
            .AddEdge(StateGraph.Start, "flood")
            .AddEdge("flood", StateGraph.End)
            .Compile(new CompileOptions { Name = "flood" });
    }
}
