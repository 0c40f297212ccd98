using System.Text;

namespace Weft.Graphs;

/// <summary>
/// An event of a span (docs/protocol/streaming.md D8). It shares what all events of the span have, and the payloads
/// that it tells of.
/// </summary>
/// <param name="name">The event.</param>
/// <param name="member">What <paramref name="value"/> is called in its data.</param>
/// <param name="value">What it tells.</param>
/// <param name="input">The span's input, when the event repeats it.</param>
/// <param name="tail">All behind the members of the data.</param>
internal sealed class EventPayload(string name, string member, StreamPayload value, StreamPayload? input, byte[] tail) : StreamPayload
{
    private readonly byte[] _head = Encoding.UTF8.GetBytes($$"""{"event":"{{name}}","data":{"{{member}}":""");

    // What it tells is kept by others too, or is counted when it is made; a log counts on the answer staying the same.
    public override int CostBytes { get; } = value.CostBytes + 128;

    public override int Length => _head.Length + value.Length + (input is null ? 0 : BeforeInput.Length + input.Length) + tail.Length;

    private static ReadOnlySpan<byte> BeforeInput => ",\"input\":"u8;

    public override void CopyTo(Span<byte> target)
    {
        _head.CopyTo(target);
        target = target[_head.Length..];
        value.CopyTo(target);
        target = target[value.Length..];
        if (input is not null)
        {
            BeforeInput.CopyTo(target);
            input.CopyTo(target[BeforeInput.Length..]);
            target = target[(BeforeInput.Length + input.Length)..];
        }

        tail.CopyTo(target);
    }

    protected override byte[] Encode()
    {
        var utf8 = new byte[Length];
        CopyTo(utf8);
        return utf8;
    }
}
