using System.Diagnostics.CodeAnalysis;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The id of a thread: a UUID, or below <c>/api/threads</c> any text of letters, digits, <c>_</c> and <c>-</c>
/// (docs/protocol/README.md A6).
/// </summary>
/// <param name="Value">The id as clients write it.</param>
public readonly record struct ThreadId(string Value) : IParsable<ThreadId>
{
    /// <summary>The longest id that is accepted, in characters.</summary>
    public const int LengthMax = 255;

    /// <summary>Creates a time-ordered id.</summary>
    public static ThreadId New(TimeProvider time) => new(NewId.TimeOrdered(time).ToString());

    /// <inheritdoc />
    public static ThreadId Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not a thread id.");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ThreadId result)
    {
        result = default;
        if (string.IsNullOrEmpty(s) || s.Length > LengthMax)
        {
            return false;
        }

        foreach (var c in s)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
            {
                return false;
            }
        }

        // The case of a UUID does not matter.
        result = new ThreadId(Guid.TryParseExact(s, "D", out var uuid) ? uuid.ToString() : s);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => Value;
}
