using System.Text;

namespace Weft.Storage;

/// <summary>The words of an enum.</summary>
/// <param name="toWord">Returns the word of a value.</param>
/// <param name="other">The value of an unknown word.</param>
internal sealed class ColumnWords<T>(Func<T, string> toWord, T other)
    where T : struct, Enum
{
    private readonly (T Value, string Word, byte[] Bytes)[] _words =
        [.. Enum.GetValues<T>().Select(value => (value, toWord(value), Encoding.UTF8.GetBytes(toWord(value))))];

    public T Read(ReadOnlySpan<byte> word)
    {
        foreach (var (value, _, bytes) in _words)
        {
            if (word.SequenceEqual(bytes))
            {
                return value;
            }
        }

        return other;
    }

    public T Read(string word)
    {
        foreach (var (value, known, _) in _words)
        {
            if (word == known)
            {
                return value;
            }
        }

        return other;
    }
}
