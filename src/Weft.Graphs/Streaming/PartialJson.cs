using System.Text;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Reads JSON that is still being written, such as the arguments of a tool call while a model makes them.
/// </summary>
internal static class PartialJson
{
    /// <summary>
    /// Returns the part of an object that has arrived, as a complete object in UTF-8. Open strings, arrays and objects are closed.
    /// A name without a value, and a number or word that may continue, are left out. Null if the text is not an object.
    /// </summary>
    public static byte[]? CompleteObject(string text) => string.IsNullOrWhiteSpace(text)
        ? "{}"u8.ToArray()
        : GraphJson.TryEncode(Encoding.UTF8.GetBytes(text), static (writer, utf8) => TryComplete(writer, utf8));

    private static bool TryComplete(Utf8JsonWriter writer, ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, isFinalBlock: false, new JsonReaderState(GraphJson.ReaderOptions));
        var open = new Stack<JsonTokenType>();
        string? name = null;
        try
        {
            while (reader.Read())
            {
                if (open.Count == 0 && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndObject))
                {
                    return false;
                }

                Copy(writer, ref reader, open, ref name);
            }
        }
        catch (JsonException)
        {
            return false;
        }

        if (open.Count > 0 && (name is not null || open.Peek() == JsonTokenType.StartArray))
        {
            WriteBegunText(writer, name, utf8[(int)reader.BytesConsumed..].TrimStart(", \t\r\n"u8));
        }

        var isObject = reader.BytesConsumed > 0;
        while (open.TryPop(out var kind))
        {
            End(writer, kind);
        }

        return isObject;
    }

    /// <summary>Copies a token. A name waits for its value, so that none is left without.</summary>
    private static void Copy(Utf8JsonWriter writer, ref Utf8JsonReader reader, Stack<JsonTokenType> open, ref string? name)
    {
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            name = reader.GetString();
            return;
        }

        if (name is not null)
        {
            writer.WritePropertyName(name);
            name = null;
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                open.Push(JsonTokenType.StartObject);
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                open.Push(JsonTokenType.StartArray);
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                End(writer, open.Pop());
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(reader.GetString());
                break;
            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }

    private static void End(Utf8JsonWriter writer, JsonTokenType kind)
    {
        if (kind == JsonTokenType.StartObject)
        {
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteEndArray();
        }
    }

    private static void WriteBegunText(Utf8JsonWriter writer, string? name, ReadOnlySpan<byte> rest)
    {
        if (rest is not [(byte)'"', .. var begun])
        {
            return;
        }

        if (name is not null)
        {
            writer.WritePropertyName(name);
        }

        writer.WriteRawValue([(byte)'"', .. begun[..WithoutBegunEscape(begun)], (byte)'"'], skipInputValidation: true);
    }

    /// <summary>Returns how many bytes there are before an escape that is not all there.</summary>
    private static int WithoutBegunEscape(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length)
        {
            var length = text[at] != '\\' ? 1 : at + 1 < text.Length && text[at + 1] == 'u' ? 6 : 2;
            if (at + length > text.Length)
            {
                return at;
            }

            at += length;
        }

        return at;
    }
}
