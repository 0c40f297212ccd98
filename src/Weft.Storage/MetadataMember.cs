using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Weft.Storage;

/// <summary>A member of metadata in the form in which the index lists it. Equal JSON values have equal texts.</summary>
/// <param name="Name">The name of the member.</param>
/// <param name="Value">
/// A <c>"</c> and the text of a string; the digits and the exponent of a number; <c>true</c>, <c>false</c> or <c>null</c>.
/// </param>
internal readonly record struct MetadataMember(string Name, string Value)
{
    // Longer texts are neither searched often nor worth their space in the index.
    private const int LengthMax = 200;

    /// <summary>Returns the form of a member, or false if the index does not list such members.</summary>
    public static bool TryRead(JsonProperty member, out MetadataMember result)
    {
        result = default;
        try
        {
            if (member.Name.Length is 0 or > LengthMax || !TryReadValue(member.Value, out var value) || value.Length > LengthMax)
            {
                return false;
            }

            result = new MetadataMember(member.Name, value);
            return true;
        }
        catch (InvalidOperationException)
        {
            // A text with half of a surrogate pair, which is valid JSON.
            return false;
        }
    }

    private static bool TryReadValue(JsonElement value, [NotNullWhen(true)] out string? text)
    {
        text = value.ValueKind switch
        {
            JsonValueKind.String => '"' + value.GetString()!,
            JsonValueKind.Number => JsonNumberText.Of(value.GetRawText()),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Null => "null",
            _ => null,
        };
        return text is not null;
    }
}
