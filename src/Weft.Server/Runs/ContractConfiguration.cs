using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Completes the configuration of a run below <c>/api/threads</c> (protocol, section B5): graphs written for the contract file
/// read what clients choose there from <c>configurable</c>, though clients send it as <c>context</c>.
/// </summary>
internal static class ContractConfiguration
{
    // The agent that runs when none is named.
    private const string DefaultAgent = "lead_agent";

    private static readonly string[] ContextMembers =
        ["model_name", "mode", "thinking_enabled", "reasoning_effort", "is_plan_mode", "subagent_enabled", "max_concurrent_subagents"];

    /// <summary>The context of the body, or of its configuration.</summary>
    public static JsonElement? ContextOf(RunCreate body) =>
        body.Context ?? (body.Config is { ValueKind: JsonValueKind.Object } config && config.TryGetProperty("context", out var context) ? context : null);

    /// <summary>Returns the body's configuration with the well-known members of its context, and with the assistant's name as <c>agent_name</c>.</summary>
    /// <param name="body">The body; what of it has another type than it must have is left to be refused.</param>
    /// <param name="assistants">The assistants that it may name.</param>
    public static JsonElement? Complete(RunCreate body, AssistantDirectory assistants)
    {
        var config = body.Config is { ValueKind: not JsonValueKind.Null } given ? given : GraphJson.EmptyObject;
        var added = AddedBy(body, assistants);
        if (added.Count == 0 || config.ValueKind != JsonValueKind.Object)
        {
            return body.Config;
        }

        var configurable = config.TryGetProperty("configurable", out var own) && own.ValueKind != JsonValueKind.Null ? own : GraphJson.EmptyObject;
        return configurable.ValueKind != JsonValueKind.Object ? body.Config : GraphJson.Parse(GraphJson.Encode((config, configurable, added), static (writer, s) =>
        {
            writer.WriteStartObject();
            foreach (var member in s.config.EnumerateObject().Where(member => member.Name != "configurable"))
            {
                member.WriteTo(writer);
            }

            writer.WriteStartObject("configurable"u8);
            foreach (var member in s.configurable.EnumerateObject())
            {
                member.WriteTo(writer);
            }

            foreach (var (name, value) in s.added.Where(member => !s.configurable.TryGetProperty(member.Name, out _)))
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }));
    }

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

        if (body.AssistantId is { } id && assistants.Find(id) is { } assistant && assistant.Name != DefaultAgent)
        {
            added.Add(("agent_name", GraphJson.ToElement(AgentName(assistant.Name))));
        }

        return added;
    }

    /// <summary>Small letters, digits and hyphens.</summary>
    private static string AgentName(string name) =>
        string.Create(name.Length, name, static (target, name) =>
        {
            for (var i = 0; i < name.Length; i++)
            {
                target[i] = char.IsAsciiLetterOrDigit(name[i]) ? (char)(name[i] | (char.IsAsciiLetterUpper(name[i]) ? 0x20 : 0)) : '-';
            }
        });
}
