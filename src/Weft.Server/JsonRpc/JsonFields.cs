using System.Text.Json;

namespace Weft.Server;

/// <summary>Reads members of JSON of which nothing is known. A member of another kind counts as missing.</summary>
internal static class JsonFields
{
    /// <summary>Returns a member; undefined if it is missing or null.</summary>
    public static JsonElement Any(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : default;

    public static string? Text(JsonElement json, string name) =>
        Any(json, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>Returns a member that is an object; undefined if it is not one.</summary>
    public static JsonElement Object(JsonElement json, string name) =>
        Any(json, name) is { ValueKind: JsonValueKind.Object } value ? value : default;
}
