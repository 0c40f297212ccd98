using System.Text.Json;

namespace Weft.Server;

/// <summary>The params of a command. A member of a wrong type is refused with its name. null is like a missing member.</summary>
/// <param name="json">The params, any JSON.</param>
/// <param name="place">The place of the params in the command.</param>
internal sealed class CommandParams(JsonElement json, string place = "params")
{
    public JsonElement Json => json;

    /// <exception cref="CommandException">The params are not an object.</exception>
    public void EnsureObject()
    {
        if (json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
        {
            throw CommandException.Invalid(place, "It must be an object.");
        }
    }

    public JsonElement? Any(string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    public bool Has(string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out _);

    public string? Text(string name) => Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw Wrong(name, "a string"),
    };

    public string RequiredText(string name) => Text(name) ?? throw CommandException.Invalid($"{place}.{name}", "Field required");

    public JsonElement? Object(string name) => Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => value,
        _ => throw Wrong(name, "an object"),
    };

    public bool Flag(string name) => Any(name) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => throw Wrong(name, "a boolean"),
    };

    public long? Number(string name) => Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) => value,
        _ => throw Wrong(name, "a whole number"),
    };

    public List<string>? Texts(string name) => Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String) =>
            [.. list.EnumerateArray().Select(static item => item.GetString()!)],
        _ => throw Wrong(name, "a list of strings"),
    };

    /// <summary>Returns the items of a list of objects; null if it is missing.</summary>
    public List<CommandParams>? Items(string name) => Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.Object) =>
            [.. list.EnumerateArray().Select((item, index) => new CommandParams(item, $"{place}.{name}[{index}]"))],
        _ => throw Wrong(name, "a list of objects"),
    };

    /// <summary>Returns a namespace as a checkpoint namespace; empty for the root graph.</summary>
    public string Namespace() => string.Join('|', Texts("namespace") ?? []);

    public CommandException Wrong(string name, string expected) => CommandException.Invalid($"{place}.{name}", $"It must be {expected}.");
}
