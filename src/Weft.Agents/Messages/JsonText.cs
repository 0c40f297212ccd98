using System.Text.Json;

namespace Weft.Agents;

/// <summary>Reads text from JSON that may have any shape.</summary>
internal static class JsonText
{
    /// <summary>Returns the member's value; null if the JSON is not an object or has no such member that is a string.</summary>
    public static string? Of(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;

    /// <summary>Returns the member; undefined if the JSON is not an object or has no such member.</summary>
    public static JsonElement Member(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out var value) ? value : default;
}
