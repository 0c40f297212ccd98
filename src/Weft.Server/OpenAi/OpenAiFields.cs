using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads the members of an object in a request. A wrong one is refused with its path.</summary>
/// <param name="json">The object.</param>
/// <param name="path">The path of the object, such as <c>messages[0]</c>.</param>
internal readonly struct OpenAiFields(JsonElement json, string path)
{
    public JsonElement Json => json;

    public string Path => path;

    /// <summary>Reads the items of a list, each of which must be an object.</summary>
    public static IEnumerable<OpenAiFields> Items(JsonElement list, string path)
    {
        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            yield return Of(item, $"{path}[{index++}]");
        }
    }

    public static OpenAiFields Of(JsonElement json, string path) =>
        json.ValueKind == JsonValueKind.Object ? new OpenAiFields(json, path) : throw Requests.Invalid(path, "It must be an object.");

    /// <summary>Returns a member; null if it is missing or null.</summary>
    public JsonElement? Any(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public string? Text(string name) => Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw Wrong(name, "It must be a string."),
    };

    public string RequiredText(string name) => Text(name) ?? throw Wrong(name, "It is required, a string.");

    public OpenAiFields RequiredObject(string name) =>
        Any(name) is { } value ? Of(value, PathOf(name)) : throw Wrong(name, "It is required, an object.");

    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    public WeftException Wrong(string name, string message) => Requests.Invalid(PathOf(name), message);
}
