using System.Text.Json;

namespace Weft.Server;

/// <summary>Writes JSON that several events and answers have.</summary>
internal static class V2Json
{
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
