using System.Globalization;

namespace Weft.Storage;

/// <summary>Numbers of JSON in a form in which equal numbers have equal texts, of any size.</summary>
internal static class JsonNumberText
{
    /// <summary>
    /// Returns the digits without zeros at either end, and an exponent; null if the exponent is too long. Any 1, 1.0 and 10e-1 are equal.
    /// </summary>
    public static string? Of(string json)
    {
        var at = json.AsSpan().IndexOfAny('e', 'E');
        var mantissa = at < 0 ? json : json[..at];
        var isNegative = mantissa[0] == '-';
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('-').TrimStart('0');
        var significant = digits.TrimEnd('0');
        if (significant.Length == 0)
        {
            return "0";
        }

        var exponent = 0;
        if (at >= 0 && !int.TryParse(json.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return null;
        }

        var scale = (long)exponent + (digits.Length - significant.Length) - (point < 0 ? 0 : mantissa.Length - point - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{(isNegative ? "-" : "")}{significant}e{scale}");
    }
}
