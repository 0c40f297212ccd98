namespace Weft.Graphs;

/// <summary>
/// A message with all that its pieces have added so far, in three pieces, which it shares with the parts before and
/// after it where it can.
/// </summary>
public sealed class PartialMessagePart : StreamPart
{
    private readonly int _ownBytes;

    /// <summary>Creates a part.</summary>
    /// <param name="head">The JSON before the content.</param>
    /// <param name="content">The content; a text without its closing quote.</param>
    /// <param name="tail">The JSON after the content.</param>
    /// <param name="ownBytes">The number of bytes that are not shared.</param>
    internal PartialMessagePart(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> tail, int ownBytes)
    {
        Head = head;
        Content = content;
        Tail = tail;
        _ownBytes = ownBytes;
    }

    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Messages;

    /// <inheritdoc/>
    public override int CostBytes => _ownBytes + ValueSize.ObjectBytes;

    internal ReadOnlyMemory<byte> Head { get; }

    internal ReadOnlyMemory<byte> Content { get; }

    internal ReadOnlyMemory<byte> Tail { get; }

    /// <summary>Returns the message so far: a JSON object in the form of docs/protocol/messages.md F1.</summary>
    public byte[] ToMessage() => [.. Head.Span, .. Content.Span, .. Tail.Span];
}
