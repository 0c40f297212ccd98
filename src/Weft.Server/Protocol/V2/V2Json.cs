using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Writes JSON that several events and answers have.</summary>
internal static class V2Json
{
    /// <summary>Returns what comes before the data of an event whose node is known.</summary>
    public static byte[] BeforeData(string node)
    {
        var name = GraphJson.Encode(node, static (writer, node) => writer.WriteStringValue(node));
        return [.. "\"node\":"u8, .. name, .. ",\"data\":"u8];
    }

    public static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
