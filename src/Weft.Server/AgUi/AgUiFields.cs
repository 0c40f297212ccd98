using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads members of a body of AG-UI. A wrong value is refused with the name of its field.</summary>
internal static class AgUiFields
{
    /// <summary>Returns the member; null if it is missing or null.</summary>
    public static JsonElement? Find(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    /// <summary>Returns the member if it is a string; null otherwise.</summary>
    public static string? TextOrNull(JsonElement json, string member) =>
        Find(json, member) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>Returns the member, which must be a string; null if it is missing or null.</summary>
    public static string? Text(JsonElement json, string member, string place) => Find(json, member) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw Wrong(place, member, "a string"),
    };

    public static string RequiredText(JsonElement json, string member, string place) =>
        Text(json, member, place) ?? throw Requests.Invalid($"{place}.{member}", "Field required");

    public static JsonElement? Object(JsonElement? json, string member, string place) => json is { } given ? Find(given, member) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => value,
        _ => throw Wrong(place, member, "an object"),
    } : null;

    /// <summary>Returns the items of a list; none if it is missing.</summary>
    public static List<JsonElement> Items(JsonElement json, string member, string place) => Find(json, member) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray()],
        _ => throw Wrong(place, member, "a list"),
    };

    public static void EnsureObject(JsonElement json, string place)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Requests.Invalid(place, "It must be an object.");
        }
    }

    public static WeftException Wrong(string place, string member, string expected) =>
        Requests.Invalid($"{place}.{member}", $"It must be {expected}.");
}
