using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>Copies the model of the run's context into the state.</summary>
internal static class SimpleRuntimeFixture
{
    public static CompiledGraph Create()
    {
        var model = Channel.LastValue<Model>("model");
        return new StateGraph()
            .AddChannels(Channel.LastValue<string>("message"), model)
            .Context<Runtime>()
            .AddNode("use_context", context => context.RunContext?.Deserialize<Runtime>() is { Model: { } named }
                ? new StateUpdate().Set(model, named)
                : StateUpdate.None)
            .AddEdge(StateGraph.Start, "use_context")
            .AddEdge("use_context", StateGraph.End)
            .Compile(new CompileOptions { Name = "simple_runtime" });
    }

    private sealed record Runtime
    {
        [JsonPropertyName("model")]
        public Model? Model { get; init; }
    }

    [JsonConverter(typeof(JsonStringEnumConverter<Model>))]
    private enum Model
    {
        [JsonStringEnumMemberName("openai")]
        OpenAI,

        [JsonStringEnumMemberName("anthropic")]
        Anthropic,

        [JsonStringEnumMemberName("unknown")]
        Unknown,
    }
}
