using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads the values that <see cref="ValueEncoder"/> has written for a block. Not safe for concurrent use.</summary>
/// <param name="bases">The states that the values refer to.</param>
internal sealed class ValueDecoder(IReadOnlyList<ValueBase> bases)
{
    private readonly List<Restored> _values = [];

    /// <summary>Whether a value that was read could not be restored.</summary>
    public bool HasLost { get; private set; }

    /// <summary>
    /// The id of a checkpoint that a value of the part refers to and whose state was not passed; null if there is none.
    /// </summary>
    public string? MissingBaseId { get; private set; }

    /// <summary>Begins another part.</summary>
    public void BeginPart() => (HasLost, MissingBaseId) = (false, null);

    /// <summary>
    /// Reads a value; null if it is missing. In place of one that can't be restored it returns JSON <c>null</c>.
    /// </summary>
    public LazyJson? Read(FieldReader reader)
    {
        var form = reader.Number();
        if (form == 0)
        {
            return null;
        }

        if (form <= -2)
        {
            return Found(_values[(int)(-2 - form)]);
        }

        string? missing = null;
        var value = form == -1 ? Restore(reader.Bytes(), out missing) : reader.Take((int)(form - 1)).ToArray();
        if (value is not null && value.Length < ValueEncoder.SharedBytesMin)
        {
            return LazyJson.FromUtf8(value);
        }

        var added = new Restored(value is null ? null : LazyJson.FromUtf8(value), missing);
        _values.Add(added);
        return Found(added);
    }

    private LazyJson Found(Restored value)
    {
        HasLost |= value.Json is null;
        MissingBaseId ??= value.MissingBaseId;
        return value.Json ?? LazyJson.Null;
    }

    /// <summary>Returns the value of a difference; null if a value that it refers to is not available.</summary>
    private byte[]? Restore(ReadOnlyMemory<byte> difference, out string? missing)
    {
        var length = 0;
        missing = null;
        for (var reader = new FieldReader(difference); !reader.IsAtEnd;)
        {
            length = checked(length + ReadNew(reader).Length);
            if (!reader.IsAtEnd)
            {
                if (ReadCopy(reader, out missing) is not { } copy)
                {
                    return null;
                }

                length = checked(length + copy.Length);
            }
        }

        var value = new byte[length];
        var rest = value.AsSpan();
        for (var reader = new FieldReader(difference); !reader.IsAtEnd;)
        {
            rest = Write(ReadNew(reader).Span, rest);
            if (!reader.IsAtEnd)
            {
                rest = Write(ReadCopy(reader, out _)!.Value.Span, rest);
            }
        }

        return value;
    }

    private static Span<byte> Write(ReadOnlySpan<byte> bytes, Span<byte> rest)
    {
        bytes.CopyTo(rest);
        return rest[bytes.Length..];
    }

    private static ReadOnlyMemory<byte> ReadNew(FieldReader reader) => reader.Take(reader.Int());

    private ReadOnlyMemory<byte>? ReadCopy(FieldReader reader, out string? missing)
    {
        var (source, from, length) = (reader.Int(), reader.Int(), reader.Int());
        if (source % 2 == 0)
        {
            var known = bases[source / 2];
            missing = known.IsPassed ? null : known.CheckpointId;
            return known.State?.Utf8.AsMemory(from, length);
        }

        var value = _values[source / 2];
        missing = value.MissingBaseId;
        return value.Json?.Utf8.Slice(from, length);
    }

    /// <summary>A value that was read.</summary>
    /// <param name="Json">The value; null if it can't be restored.</param>
    /// <param name="MissingBaseId">The id of a checkpoint whose state it needs and that was not passed.</param>
    private readonly record struct Restored(LazyJson? Json, string? MissingBaseId);
}

/// <summary>A state that the values of a block refer to.</summary>
/// <param name="CheckpointId">Its checkpoint.</param>
/// <param name="IsPassed">Whether the reader of the block has been asked to use what is left of it.</param>
/// <param name="State">The state; null if it was not passed, or is not available any more.</param>
internal readonly record struct ValueBase(string CheckpointId, bool IsPassed, StreamBase? State);
