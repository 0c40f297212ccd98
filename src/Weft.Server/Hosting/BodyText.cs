using System.Buffers;
using System.Globalization;
using System.Text.Unicode;

namespace Weft.Server;

/// <summary>
/// Makes the bytes of a body text throughout, so that nobody after it meets a string that can't be written. JSON may escape
/// half of a surrogate pair, as JavaScript does when it cuts a text in the middle of an emoji; UTF-8 has no form for that.
/// </summary>
internal static class BodyText
{
    private const int EscapeLength = 6;

    /// <summary>Returns the body as valid UTF-8, with U+FFFD for each escaped half of a pair, as encoders of UTF-8 write it.</summary>
    /// <exception cref="Runs.WeftException">The body is not UTF-8.</exception>
    public static ReadOnlySpan<byte> Read(ReadOnlySequence<byte> body)
    {
        var utf8 = body.IsSingleSegment ? body.FirstSpan : body.ToArray();
        if (!Utf8.IsValid(utf8))
        {
            throw Requests.Invalid("body", "The body is not UTF-8.");
        }

        byte[]? mended = null;
        for (var i = 0; ;)
        {
            var next = utf8[i..].IndexOf((byte)'\\');
            if (next < 0)
            {
                return mended ?? utf8;
            }

            i += next;
            if (ReadEscape(utf8[i..]) is not { } unit)
            {
                // Another escape, of which the second character may be a backslash.
                i = Math.Min(i + 2, utf8.Length);
            }
            else if (char.IsHighSurrogate(unit) && ReadEscape(utf8[(i + EscapeLength)..]) is { } low && char.IsLowSurrogate(low))
            {
                i += 2 * EscapeLength;
            }
            else
            {
                if (char.IsSurrogate(unit))
                {
                    mended ??= utf8.ToArray();
                    "\\ufffd"u8.CopyTo(mended.AsSpan(i));
                }

                i += EscapeLength;
            }
        }
    }

    private static char? ReadEscape(ReadOnlySpan<byte> utf8) =>
        utf8.Length >= EscapeLength && utf8.StartsWith("\\u"u8)
        && ushort.TryParse(utf8[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
