using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Metadata in the form in which an index finds it: an object with the owner and the metadata, in which all values are as jsonb can
/// store them. PostgreSQL's <c>@&gt;</c> finds in this form what <c>JsonContainment</c> finds in the metadata itself.
/// </summary>
/// <remarks>
/// jsonb refuses the character U+0000, halves of surrogate pairs, and numbers with very many digits. A text with the mark takes
/// their place; different values have different texts.
/// </remarks>
internal static class SearchableJson
{
    private const char Mark = '\u0001';
    private const int DigitsMax = 100;
    private const int ExponentMax = 300;

    /// <summary>Returns the form of metadata, or of a part of it that a search wants.</summary>
    /// <param name="owner">The owner of the thread.</param>
    /// <param name="metadata">A JSON object.</param>
    public static string Of(string owner, string metadata) => Of(owner, GraphJson.Parse(Encoding.UTF8.GetBytes(metadata)));

    /// <inheritdoc cref="Of(string, string)"/>
    public static string Of(string owner, JsonElement metadata) =>
        Encoding.UTF8.GetString(GraphJson.Encode((owner, metadata), static (writer, given) =>
        {
            writer.WriteStartObject();
            writer.WriteString("o"u8, Storable(given.owner));
            writer.WritePropertyName("m"u8);
            Write(writer, given.metadata);
            writer.WriteEndObject();
        }));

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(NameOf(member));
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(TextOf(value));
                break;
            case JsonValueKind.Number:
                WriteNumber(writer, value.GetRawText());
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, string json)
    {
        var text = JsonNumberText.Of(json) ?? json;
        var at = text.AsSpan().IndexOfAny('e', 'E');
        if (at < 0 || (at <= DigitsMax && long.TryParse(text.AsSpan(at + 1), out var exponent) && Math.Abs(exponent) <= ExponentMax))
        {
            writer.WriteRawValue(text);
        }
        else
        {
            writer.WriteStringValue($"{Mark}n{text}");
        }
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return Storable(member.Name);
        }
        catch (InvalidOperationException)
        {
            // The name has half of a surrogate pair.
            return $"{Mark}r{member.ToString().Split(':')[0]}";
        }
    }

    private static string TextOf(JsonElement value)
    {
        try
        {
            return Storable(value.GetString()!);
        }
        catch (InvalidOperationException)
        {
            return $"{Mark}r{value.GetRawText()}";
        }
    }

    private static string Storable(string text) => text.AsSpan().ContainsAny('\0', Mark)
        ? $"{Mark}s"
            + text.Replace($"{Mark}", $"{Mark}{Mark}", StringComparison.Ordinal).Replace("\0", $"{Mark}0", StringComparison.Ordinal)
        : StorableText.Of(text);
}
