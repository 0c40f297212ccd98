using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads what <see cref="FieldWriter"/> has written.</summary>
/// <param name="stored">The stored fields.</param>
/// <param name="canShare">
/// Whether the parts name shared values only once. The parts of earlier versions did not.
/// </param>
internal sealed class FieldReader(ReadOnlyMemory<byte> stored, bool canShare = true)
{
    private readonly List<object> _shared = [];
    private int _at;

    public bool CanShare => canShare;

    public bool IsAtEnd => _at == stored.Length;

    /// <summary>Reads the values of the block; null if they are stored as they are.</summary>
    public ValueDecoder? Values { get; set; }

    /// <summary>
    /// Returns a state from its stored form, null if that is not possible any more; for blocks without <see cref="Values"/>.
    /// </summary>
    public Func<ReadOnlyMemory<byte>, byte[]?>? Restore { get; set; }

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

    public string Text() => TextOrNull() ?? throw Missing();

    public string? SharedTextOrNull() => canShare ? SharedOrNull(static reader => reader.Text()) : TextOrNull();

    public string SharedText() => SharedTextOrNull() ?? throw Missing();

    /// <summary>Reads a value that parts share.</summary>
    /// <param name="read">Reads the fields of the value.</param>
    public T Shared<T>(Func<FieldReader, T> read)
        where T : class => canShare ? SharedOrNull(read) ?? throw Missing() : read(this);

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

    public LazyJson Json() => JsonOrNull() ?? throw Missing();

    /// <summary>Reads a value, which may be missing.</summary>
    public LazyJson? ValueOrNull() => Values is { } values ? values.Read(this) : JsonOrNull();

    public LazyJson Value() => ValueOrNull() ?? throw Missing();

    /// <summary>Reads bytes that are written like a value.</summary>
    public ReadOnlyMemory<byte> ValueBytes() => Values is { } values ? (values.Read(this) ?? throw Missing()).Utf8 : Bytes();

    /// <summary>Reads the state that a part shows; null if it can't be restored any more.</summary>
    /// <param name="isLast">Whether it was the rest of its part in the form of earlier versions.</param>
    public LazyJson? State(bool isLast = false)
    {
        if (Values is not null)
        {
            return Value();
        }

        var state = Restore!(isLast && !canShare ? Rest() : Bytes());
        return state is null ? null : LazyJson.FromUtf8(state);
    }

    public IReadOnlyList<Interrupt>? InterruptsOrNull() => TryTake(out var bytes)
        ? [.. GraphJson.Parse(bytes.Span).EnumerateArray().Select(ReadInterrupt)]
        : null;

    /// <summary>Reads a number of bytes.</summary>
    public ReadOnlyMemory<byte> Take(int length)
    {
        var taken = stored.Slice(_at, length);
        _at += length;
        return taken;
    }

    public ReadOnlyMemory<byte> Rest() => stored[_at..];

    private static FormatException Missing() => new("A value of a stored part is missing.");

    private static Interrupt ReadInterrupt(JsonElement json) => new(json.GetProperty("id"u8).GetString()!, json.GetProperty("value"u8));

    private T? SharedOrNull<T>(Func<FieldReader, T> read)
        where T : class
    {
        switch (Int())
        {
            case 0:
                return null;
            case 1:
                // Values inside the value have higher numbers.
                var place = _shared.Count;
                _shared.Add(DBNull.Value);
                var added = read(this);
                _shared[place] = added;
                return added;
            case var number:
                return (T)_shared[number - 2];
        }
    }

    private bool TryTake(out ReadOnlyMemory<byte> bytes)
    {
        var length = Int() - 1;
        bytes = default;
        if (length < 0)
        {
            return false;
        }

        bytes = Take(length);
        return true;
    }
}
