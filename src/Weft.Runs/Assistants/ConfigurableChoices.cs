using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Checks the members of a configuration that a graph declares as a choice.</summary>
internal static class ConfigurableChoices
{
    /// <summary>Checks the <c>config</c> of an assistant. A member that is missing or null is accepted.</summary>
    /// <exception cref="WeftException">A member is not one of the texts.</exception>
    public static void Check(CompiledGraph graph, JsonElement config)
    {
        if (config.TryGetProperty("configurable", out var configurable) && configurable.ValueKind == JsonValueKind.Object)
        {
            CheckMembers(graph, configurable);
        }
    }

    /// <summary>Checks what nodes of a run see, where headers of its request may replace members of its <c>config</c>.</summary>
    /// <exception cref="WeftException">A member is not one of the texts.</exception>
    public static void Check(CompiledGraph graph, AssistantRecord assistant, RunSpec spec, string owner)
    {
        if (graph.ConfigurableChoices.Count > 0)
        {
            CheckMembers(graph, RunMetadata.ConfigurableOfGraph(assistant, spec.Config, spec.Headers, owner));
        }
    }

    private static void CheckMembers(CompiledGraph graph, JsonElement configurable)
    {
        foreach (var choice in graph.ConfigurableChoices)
        {
            if (configurable.TryGetProperty(choice.Name, out var value) && value.ValueKind != JsonValueKind.Null
                && !(value.ValueKind == JsonValueKind.String && choice.Values.Contains(value.GetString()!)))
            {
                throw new WeftException(
                    ProblemKind.Invalid,
                    $"{Shown(value)} is none of {string.Join(", ", choice.Values)}.",
                    $"config.configurable.{choice.Name}");
            }
        }
    }

    private static string Shown(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= 100 } text ? $"'{text}'" : "The value";
}
