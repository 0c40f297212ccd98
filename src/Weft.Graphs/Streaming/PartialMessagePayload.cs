namespace Weft.Graphs;

/// <summary>
/// A message as far as it has come, in three pieces, of which it shares what it can with the payloads before and after
/// it.
/// </summary>
/// <param name="head">All before the content.</param>
/// <param name="content">The content, the closing quote of a text left out.</param>
/// <param name="tail">All behind it.</param>
/// <param name="ownBytes">How many bytes are not shared.</param>
internal sealed class PartialMessagePayload(byte[] head, ReadOnlyMemory<byte> content, byte[] tail, int ownBytes) : StreamPayload
{
    public override int CostBytes => ownBytes + 64;

    public override int Length => head.Length + content.Length + tail.Length;

    public override void CopyTo(Span<byte> target)
    {
        head.CopyTo(target);
        content.Span.CopyTo(target[head.Length..]);
        tail.CopyTo(target[(head.Length + content.Length)..]);
    }

    protected override byte[] Encode()
    {
        var utf8 = new byte[Length];
        CopyTo(utf8);
        return utf8;
    }
}
