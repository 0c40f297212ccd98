using System.Text.Json;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>Copies the model of the run's context into the state.</summary>
internal static class SimpleRuntimeFixture
{
    public static CompiledGraph Create()
    {
        var model = Channel.LastValue<JsonElement>("model");
        return new StateGraph()
            .AddChannels(Channel.LastValue<JsonElement>("message"), model)
            .AddNode("use_context", context => context.RunContext is { ValueKind: JsonValueKind.Object } own && own.TryGetProperty("model", out var named)
                ? new StateUpdate().Set(model, named)
                : StateUpdate.None)
            .AddEdge(StateGraph.Start, "use_context")
            .AddEdge("use_context", StateGraph.End)
            .Compile(new CompileOptions { Name = "simple_runtime" });
    }
}
