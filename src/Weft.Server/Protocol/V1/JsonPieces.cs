namespace Weft.Server;

/// <summary>
/// The data of an event in the pieces of which it consists. Readers of the same event share the pieces and copy them into
/// their frames.
/// </summary>
internal readonly struct JsonPieces(
    ReadOnlyMemory<byte> head,
    ReadOnlyMemory<byte> value,
    ReadOnlyMemory<byte> tail,
    ReadOnlyMemory<byte> between = default,
    ReadOnlyMemory<byte> second = default)
{
    public JsonPieces(ReadOnlyMemory<byte> whole)
        : this(default, whole, default)
    {
    }

    /// <summary>The number of bytes of all pieces.</summary>
    public int Length => head.Length + value.Length + between.Length + second.Length + tail.Length;

    /// <summary>Copies the pieces to the start of <paramref name="target"/>.</summary>
    public void CopyTo(Span<byte> target)
    {
        head.Span.CopyTo(target);
        target = target[head.Length..];
        value.Span.CopyTo(target);
        target = target[value.Length..];
        if (!second.IsEmpty)
        {
            between.Span.CopyTo(target);
            second.Span.CopyTo(target[between.Length..]);
            target = target[(between.Length + second.Length)..];
        }

        tail.Span.CopyTo(target);
    }

    /// <summary>Returns the data in one piece.</summary>
    public byte[] ToArray()
    {
        var whole = new byte[Length];
        CopyTo(whole);
        return whole;
    }
}
