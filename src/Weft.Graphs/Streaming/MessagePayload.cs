using System.Buffers;

namespace Weft.Graphs;

/// <summary>A message or a chunk of one with its metadata: <c>[message, metadata]</c>. The metadata is shared by all chunks of a task.</summary>
internal sealed class MessagePayload(ReadOnlyMemory<byte> message, byte[] metadata) : StreamPayload
{
    public override int CostBytes => message.Length + 64;

    public override void WriteTo(IBufferWriter<byte> output)
    {
        var length = message.Length + metadata.Length + 3;
        var span = output.GetSpan(length);
        Fill(span);
        output.Advance(length);
    }

    protected override byte[] Encode()
    {
        var utf8 = new byte[message.Length + metadata.Length + 3];
        Fill(utf8);
        return utf8;
    }

    private void Fill(Span<byte> span)
    {
        span[0] = (byte)'[';
        message.Span.CopyTo(span[1..]);
        span[message.Length + 1] = (byte)',';
        metadata.CopyTo(span[(message.Length + 2)..]);
        span[message.Length + metadata.Length + 2] = (byte)']';
    }
}
