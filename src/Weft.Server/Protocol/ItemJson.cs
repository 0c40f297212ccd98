using System.Runtime.InteropServices;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Items of the store on the wire (docs/protocol/store.md B8).</summary>
internal static class ItemJson
{
    /// <summary>More minutes than an item may live.</summary>
    private const double MinutesMax = 1e9;

    public static void WriteOrNull(Utf8JsonWriter writer, Item? item)
    {
        if (item is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        WriteMembers(writer, item);
        writer.WriteEndObject();
    }

    public static void WriteFound(Utf8JsonWriter writer, Item item)
    {
        writer.WriteStartObject();
        WriteMembers(writer, item);
        writer.WritePropertyName("score"u8);
        if (item.Score is { } score)
        {
            writer.WriteNumberValue(score);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteEndObject();
    }

    public static void WriteNamespaces(Utf8JsonWriter writer, IReadOnlyList<ItemNamespace> namespaces)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("namespaces"u8);
        foreach (var ns in namespaces)
        {
            writer.WriteStartArray();
            WriteLabels(writer, ns);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Reads <c>ttl</c>, in minutes; null means the server's default.</summary>
    public static TimeSpan? ReadTimeToLive(double? minutes) =>
        minutes is { } given ? TimeSpan.FromMinutes(Math.Clamp(given, 0, MinutesMax)) : null;

    /// <summary>Reads <c>index</c>: paths, or <c>false</c> for none; null means the server's default.</summary>
    public static IReadOnlyList<string>? ReadIndex(JsonElement? index) => index switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.False } => [],
        { ValueKind: JsonValueKind.Array } paths when paths.EnumerateArray().All(path => path.ValueKind == JsonValueKind.String) =>
            [.. paths.EnumerateArray().Select(path => path.GetString()!)],
        _ => throw Requests.Invalid("index", "It must be false or a list of paths."),
    };

    private static void WriteMembers(Utf8JsonWriter writer, Item item)
    {
        writer.WriteStartArray("namespace"u8);
        WriteLabels(writer, item.Namespace);
        writer.WriteEndArray();
        writer.WriteString("key"u8, item.Key);
        writer.WritePropertyName("value"u8);
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(item.Value), skipInputValidation: true);
        writer.Time("created_at"u8, item.CreatedAt);
        writer.Time("updated_at"u8, item.UpdatedAt);
    }

    private static void WriteLabels(Utf8JsonWriter writer, ItemNamespace ns)
    {
        foreach (var label in ns)
        {
            writer.WriteStringValue(label);
        }
    }
}
