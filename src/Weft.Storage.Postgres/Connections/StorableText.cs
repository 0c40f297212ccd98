using System.Text;

namespace Weft.Storage.Postgres;

/// <summary>
/// Texts as PostgreSQL can store them: U+FFFD takes the place of the character U+0000 and of each half of a surrogate pair. Such
/// texts are neither valid ids nor valid JSON, but messages of failures may be such texts.
/// </summary>
internal static class StorableText
{
    private const char Replacement = '\uFFFD';

    public static string Of(string text)
    {
        var replaced = text.Contains('\0', StringComparison.Ordinal) ? text.Replace('\0', Replacement) : text;
        return IsWellFormed(replaced) ? replaced : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(replaced));
    }

    /// <summary>Whether each half of a surrogate pair has its other half.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAnyInRange('\uD800', '\uDFFF') is >= 0 and var at)
        {
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
            {
                return false;
            }

            text = text[(at + 2)..];
        }

        return true;
    }
}
