namespace Weft.Graphs;

/// <summary>A message or a chunk of one with its metadata: <c>[message, metadata]</c>. The metadata is shared by all chunks of a task.</summary>
internal sealed class MessagePayload(ReadOnlyMemory<byte> message, byte[] metadata) : StreamPayload
{
    public override int CostBytes => message.Length + 64;

    public override int Length => message.Length + metadata.Length + 3;

    public override void CopyTo(Span<byte> target)
    {
        target[0] = (byte)'[';
        message.Span.CopyTo(target[1..]);
        target[message.Length + 1] = (byte)',';
        metadata.CopyTo(target[(message.Length + 2)..]);
        target[message.Length + metadata.Length + 2] = (byte)']';
    }

    protected override byte[] Encode()
    {
        var utf8 = new byte[Length];
        CopyTo(utf8);
        return utf8;
    }
}
