using System.Text.Json;

namespace Weft.Agents;

/// <summary>The members of <c>config.configurable</c> by which a caller asks something of the model.</summary>
internal readonly struct CallerMembers
{
    private readonly JsonElement _configurable;

    private CallerMembers(JsonElement configurable) => _configurable = configurable;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _configurable.ValueKind == JsonValueKind.Undefined;

    /// <summary>Returns a member; null if it is missing.</summary>
    public JsonElement? this[string name] => !IsEmpty && _configurable.TryGetProperty(name, out var value) ? value : null;

    /// <summary>Returns the members of a configuration. Most runs have none of them.</summary>
    public static CallerMembers Of(JsonElement configurable)
    {
        if (configurable.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in configurable.EnumerateObject())
            {
                if (IsKnown(member))
                {
                    return new CallerMembers(configurable);
                }
            }
        }

        return default;
    }

    public string? Text(string name) => this[name] is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public float? Single(string name) =>
        this[name] is { ValueKind: JsonValueKind.Number } number && number.TryGetSingle(out var value) && float.IsFinite(value)
            ? value
            : null;

    /// <summary>Returns a whole number that is greater than 0.</summary>
    public int? Count(string name) =>
        this[name] is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) && value > 0 ? value : null;

    private static bool IsKnown(JsonProperty member) =>
        member.NameEquals("temperature"u8) || member.NameEquals("top_p"u8) || member.NameEquals("max_tokens"u8)
        || member.NameEquals("max_completion_tokens"u8) || member.NameEquals("stop"u8) || member.NameEquals("seed"u8)
        || member.NameEquals("presence_penalty"u8) || member.NameEquals("frequency_penalty"u8)
        || member.NameEquals("reasoning_effort"u8) || member.NameEquals("response_format"u8) || member.NameEquals("tools"u8)
        || member.NameEquals("tool_choice"u8) || member.NameEquals("parallel_tool_calls"u8);
}
