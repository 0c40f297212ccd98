using System.Text.Json;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>One node, named as the run's configuration says.</summary>
internal static class DynamicFixture
{
    public static CompiledGraph Create(JsonElement configurable)
    {
        var name = configurable.TryGetProperty("nodeName", out var given) && given.ValueKind == JsonValueKind.String
            ? given.GetString()!
            : "default";
        var node = Channel.LastValue<string>("node");
        var messages = Channel.List<string>("messages");
        return new StateGraph()
            .AddChannels(node, messages)
            .AddNode(name, _ => new StateUpdate().Set(node, name).Add(messages, name))
            .AddEdge(StateGraph.Start, name)
            .AddEdge(name, StateGraph.End)
            .Compile(new CompileOptions { Name = "dynamic" });
    }
}
