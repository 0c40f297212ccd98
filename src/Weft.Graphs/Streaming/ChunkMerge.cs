using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs;

/// <summary>
/// Merges what chunks of one message say, as clients do (docs/protocol/streaming.md D5): text goes on, numbers add up,
/// objects are merged member by member, and items of a list with the same <c>index</c> are one item.
/// </summary>
internal static class ChunkMerge
{
    /// <summary>
    /// Merges the members of <paramref name="more"/>, which is used up, into <paramref name="target"/>.
    /// </summary>
    public static void Into(JsonObject target, JsonObject more)
    {
        foreach (var (name, value) in Take(more))
        {
            Into(target, name, value);
        }
    }

    /// <summary>Merges a member into an object.</summary>
    public static void Into(JsonObject target, string name, JsonNode? value)
    {
        switch ((target[name], value))
        {
            case (_, null):
                target.TryAdd(name, null);
                break;
            case (JsonObject known, JsonObject more):
                Into(known, more);
                break;
            case (JsonArray known, JsonArray more):
                Into(known, more);
                break;
            case (JsonValue known, JsonValue more):
                target[name] = Merge(name, known, more);
                break;
            default:
                target[name] = value;
                break;
        }
    }

    /// <summary>
    /// Merges the items of <paramref name="more"/>, which is used up, into <paramref name="target"/>.
    /// </summary>
    public static void Into(JsonArray target, JsonArray more)
    {
        while (more.Count > 0)
        {
            var item = more[0];
            more.RemoveAt(0);
            if (item is JsonObject part && IndexOf(part) is { } index && target.FirstOrDefault(known => IndexOf(known) == index) is JsonObject whole)
            {
                Into(whole, part);
            }
            else
            {
                target.Add(item);
            }
        }
    }

    private static JsonValue Merge(string name, JsonValue known, JsonValue more) => (known.GetValueKind(), more.GetValueKind()) switch
    {
        // What something is called is said once; a chunk that says it again does not continue it.
        (JsonValueKind.String, JsonValueKind.String) when name is "type" or "id" or "name" or "index" => known.GetValue<string>().Length > 0 ? known : more,
        (JsonValueKind.String, JsonValueKind.String) => JsonValue.Create(known.GetValue<string>() + more.GetValue<string>()),
        (JsonValueKind.Number, JsonValueKind.Number) when name == "index" => known,
        (JsonValueKind.Number, JsonValueKind.Number) => known.TryGetValue<long>(out var a) && more.TryGetValue<long>(out var b)
            ? JsonValue.Create(a + b)
            : JsonValue.Create(known.GetValue<double>() + more.GetValue<double>()),
        _ => more,
    };

    private static string? IndexOf(JsonNode? item) => item is JsonObject part && part["index"] is JsonValue index ? index.ToJsonString() : null;

    /// <summary>Takes the members out, as a node has one parent only.</summary>
    private static List<KeyValuePair<string, JsonNode?>> Take(JsonObject from)
    {
        var members = from.ToList();
        from.Clear();
        return members;
    }
}
