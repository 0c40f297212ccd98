using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads what <see cref="FieldWriter"/> has written.</summary>
/// <param name="stored">The stored fields.</param>
internal ref struct FieldReader(ReadOnlyMemory<byte> stored)
{
    private int _at;

    public long Number()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var read = stored.Span[_at++];
            value |= (ulong)(read & 0x7F) << shift;
            if (read < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }
    }

    public int Int() => checked((int)Number());

    public bool Flag() => Number() != 0;

    public DateTimeOffset Time() => new(Number(), TimeSpan.Zero);

    public string? TextOrNull() => TryTake(out var bytes) ? Encoding.UTF8.GetString(bytes.Span) : null;

    public string Text() => TextOrNull() ?? throw new FormatException("A text of a stored part is missing.");

    public string[] Texts()
    {
        var values = new string[Int()];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Text();
        }

        return values;
    }

    public ReadOnlyMemory<byte> Bytes() => TryTake(out var bytes) ? bytes : default;

    public LazyJson? JsonOrNull() => TryTake(out var bytes) ? LazyJson.FromUtf8(bytes.ToArray()) : null;

    public LazyJson Json() => JsonOrNull() ?? throw new FormatException("A value of a stored part is missing.");

    public IReadOnlyList<Interrupt>? InterruptsOrNull() => TryTake(out var bytes)
        ? [.. GraphJson.Parse(bytes.Span).EnumerateArray().Select(ReadInterrupt)]
        : null;

    public readonly ReadOnlyMemory<byte> Rest() => stored[_at..];

    private static Interrupt ReadInterrupt(JsonElement json) => new(json.GetProperty("id"u8).GetString()!, json.GetProperty("value"u8));

    private bool TryTake(out ReadOnlyMemory<byte> bytes)
    {
        var length = Int() - 1;
        bytes = default;
        if (length < 0)
        {
            return false;
        }

        bytes = stored.Slice(_at, length);
        _at += length;
        return true;
    }
}
