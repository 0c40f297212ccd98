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
            .AddNode("use_context", context => context.RunContext is { } given && given.TryGetProperty("model", out _)
                ? new StateUpdate().Set(model, given.Deserialize<Runtime>()!.Model)
                : StateUpdate.None)
            .AddEdge(StateGraph.Start, "use_context")
            .AddEdge("use_context", StateGraph.End)
            .Compile(new CompileOptions { Name = "simple_runtime" });
    }

    private sealed record Runtime
    {
        [JsonPropertyName("model")]
        public Model Model { get; init; }
    }

    [JsonConverter(typeof(JsonStringEnumConverter<Model>))]
    private enum Model
    {
        [JsonStringEnumMemberName("anthropic")]
        Anthropic,

        [JsonStringEnumMemberName("openai")]
        OpenAI,

        [JsonStringEnumMemberName("unknown")]
        Unknown,
    }
}
