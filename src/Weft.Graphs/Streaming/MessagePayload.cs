namespace Weft.Graphs;

/// <summary>
/// A message or a chunk of one with its metadata: <c>[message, metadata]</c>. What many of them have in common is
/// shared.
/// </summary>
internal sealed class MessagePayload(MessageFrame frame, ReadOnlyMemory<byte> own) : StreamPayload
{
    public override int CostBytes => own.Length + 64;

    public override int Length => frame.Before.Length + own.Length + frame.After.Length;

    public override void CopyTo(Span<byte> target)
    {
        frame.Before.CopyTo(target);
        own.Span.CopyTo(target[frame.Before.Length..]);
        frame.After.CopyTo(target[(frame.Before.Length + own.Length)..]);
    }

    protected override byte[] Encode()
    {
        var utf8 = new byte[Length];
        CopyTo(utf8);
        return utf8;
    }
}

/// <summary>
/// The bytes around that which is a payload's own: the metadata of a task, and of a text's chunks all but the text.
/// </summary>
internal sealed record MessageFrame(byte[] Before, byte[] After);
