using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Completes the configuration of a run below <c>/api/threads</c> (docs/protocol/runs.md B5). Clients there send some well-known
/// settings as <c>context</c>, but graphs that were written for the gateway read them from <c>configurable</c>.
/// </summary>
internal static class GatewayConfiguration
{
    // The agent that runs if the request names none.
    private const string DefaultAgent = "lead_agent";

    private static readonly string[] ContextMembers =
        ["model_name", "mode", "thinking_enabled", "reasoning_effort", "is_plan_mode", "subagent_enabled", "max_concurrent_subagents"];

    /// <summary>Returns the context of the body, or else the one in its configuration.</summary>
    public static JsonElement? ContextOf(RunCreate body) => body.Context
        ?? (body.Config is { ValueKind: JsonValueKind.Object } config && config.TryGetProperty("context", out var inside) ? inside : null);

    /// <summary>
    /// Returns the body's configuration with the well-known members of its context and with the assistant's name as
    /// <c>agent_name</c>. Members of <c>configurable</c> win over them.
    /// </summary>
    /// <param name="body">The body. A configuration of a wrong type is returned as it is, and refused later.</param>
    /// <param name="assistants">The assistants that the body may name.</param>
    public static JsonElement? Complete(RunCreate body, AssistantDirectory assistants)
    {
        var config = body.Config is { ValueKind: not JsonValueKind.Null } given ? given : GraphJson.EmptyObject;
        if (config.ValueKind != JsonValueKind.Object || IsUnreadable(config) || AddedBy(body, assistants) is not { Count: > 0 } added)
        {
            return body.Config;
        }

        var configurable = RunConfiguration.ConfigurableOf(config) ?? GraphJson.EmptyObject;
        return RunConfiguration.WithConfigurable(config, writer =>
        {
            foreach (var member in configurable.EnumerateObject())
            {
                member.WriteTo(writer);
            }

            foreach (var (name, value) in added.Where(member => !configurable.TryGetProperty(member.Name, out _)))
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        });
    }

    private static bool IsUnreadable(JsonElement config) =>
        config.TryGetProperty("configurable", out var configurable)
        && configurable.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null);

    private static List<(string Name, JsonElement Value)> AddedBy(RunCreate body, AssistantDirectory assistants)
    {
        var added = new List<(string, JsonElement)>();
        if (ContextOf(body) is { ValueKind: JsonValueKind.Object } context)
        {
            foreach (var name in ContextMembers)
            {
                if (context.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
                {
                    added.Add((name, value));
                }
            }
        }

        if (body.AssistantId is { } id && NameOf(id, assistants) is { } agent && agent != DefaultAgent)
        {
            added.Add(("agent_name", GraphJson.ToElement(AgentName(agent))));
        }

        return added;
    }

    /// <summary>Returns the name of the assistant of a graph, which another server may have; null for other assistants.</summary>
    private static string? NameOf(string id, AssistantDirectory assistants) =>
        assistants.Find(id)?.Name ?? (AssistantId.TryParse(id, null, out _) ? null : id);

    /// <summary>Returns the name in lower case, with a hyphen for each character that is not a letter or digit.</summary>
    private static string AgentName(string name) =>
        string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}
