using System.Text.Json;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>Two nodes that ask at the same time and keep what they are answered, whatever it is.</summary>
internal static class AskingFixture
{
    public static CompiledGraph Create()
    {
        var answers = Channel.List<JsonElement>("answers");

        NodeResult Ask(NodeContext context) => new StateUpdate().Add(answers, context.Interrupt($"which {context.Node}?"));

        return new StateGraph()
            .AddChannel(answers)
            .AddNode("colour", Ask)
            .AddNode("size", Ask)
            .AddEdge(StateGraph.Start, "colour")
            .AddEdge(StateGraph.Start, "size")
            .AddEdge("colour", StateGraph.End)
            .AddEdge("size", StateGraph.End)
            .Compile(new CompileOptions { Name = "asking" });
    }
}
