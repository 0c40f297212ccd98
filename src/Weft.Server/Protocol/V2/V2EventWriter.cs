using System.Buffers;
using System.Buffers.Text;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Writes the events of a thread as JSON, alone or in frames of server-sent events (docs/protocol/v2.md 4). Not safe for
/// concurrent use.
/// </summary>
internal sealed class V2EventWriter(V2Filter filter, bool writesFrames)
{
    // The fixed text of an event, its id twice, and three numbers.
    private const int EventBytesMax = 384;

    private V2Namespace _namespace = V2Namespace.Root;

    /// <summary>Whether the filter shows the event of an entry.</summary>
    public bool Wants(in ThreadEntry entry)
    {
        var part = entry.Event.Part;
        var channel = V2Encoder.ChannelOf(part);
        return channel != V2Channels.None
            && entry.Seq > (filter.Since ?? -1)
            && filter.Wants(part, channel)
            && filter.Covers(NamespaceOf(part).Segments);
    }

    /// <summary>Writes the event of an entry that the filter shows; false if a value of it is not valid JSON.</summary>
    public bool TryWrite(IBufferWriter<byte> output, in ThreadEntry entry)
    {
        var part = entry.Event.Part;
        if (!V2Encoder.TryEncode(part, out var encoded))
        {
            return false;
        }

        Span<byte> id = stackalloc byte[96];
        id = id[..PutId(id, entry, encoded.Lifecycle)];
        Write(output, id, entry.Seq, entry.Event.CreatedAt, NamespaceOf(part), encoded);
        return true;
    }

    /// <summary>Writes that events are missing.</summary>
    /// <param name="output">The target.</param>
    /// <param name="missed">How many; 1 if the number is unknown.</param>
    /// <param name="next">The event that follows.</param>
    public void WriteGap(IBufferWriter<byte> output, long missed, in ThreadEntry next)
    {
        var seq = next.Seq - 1;
        Span<byte> id = stackalloc byte[32];
        var at = Put(id, "gap:"u8);
        at += Put(id[at..], seq);
        var data = GraphJson.Encode(missed, static (writer, missed) =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("missed"u8, missed);
            writer.WriteEndObject();
        });
        var gap = new V2Event(V2Methods.Gap, new JsonPieces(data));
        Write(output, id[..at], seq, next.Event.CreatedAt, V2Namespace.Root, gap);
    }

    /// <summary>Writes an event in one piece, because the calls of the output for each event are a measurable cost.</summary>
    private void Write(
        IBufferWriter<byte> output, ReadOnlySpan<byte> id, long seq, DateTimeOffset time, V2Namespace place, in V2Event encoded)
    {
        var method = encoded.Method;
        var data = encoded.Data;
        var span = output.GetSpan(EventBytesMax + (2 * method.Length) + place.Json.Length + encoded.BeforeData.Length + data.Length);
        var at = 0;
        if (writesFrames)
        {
            at += Put(span, "event: "u8);
            at += Put(span[at..], method);
            at += Put(span[at..], "\ndata: "u8);
        }

        at += Put(span[at..], "{\"type\":\"event\",\"event_id\":\""u8);
        at += Put(span[at..], id);
        at += Put(span[at..], "\",\"seq\":"u8);
        at += Put(span[at..], seq);
        at += Put(span[at..], ",\"method\":\""u8);
        at += Put(span[at..], method);
        at += Put(span[at..], "\",\"params\":{\"namespace\":"u8);
        at += Put(span[at..], place.Json);
        at += Put(span[at..], ",\"timestamp\":"u8);
        at += Put(span[at..], time.ToUnixTimeMilliseconds());
        at += Put(span[at..], ","u8);
        at += Put(span[at..], encoded.BeforeData);
        data.CopyTo(span[at..]);
        at += data.Length;
        at += Put(span[at..], "}}"u8);
        if (writesFrames)
        {
            at += Put(span[at..], "\nid: "u8);
            at += Put(span[at..], id);
            at += Put(span[at..], "\n\n"u8);
        }

        output.Advance(at);
    }

    /// <summary>Most events come from the same graph as the event before.</summary>
    private V2Namespace NamespaceOf(StreamPart part)
    {
        var known = _namespace;
        if (!ReferenceEquals(known.Text, part.Namespace) && known.Text != part.Namespace)
        {
            _namespace = known = V2Namespace.Of(part.Namespace);
        }

        return known;
    }

    private static int PutId(Span<byte> target, in ThreadEntry entry, byte[]? lifecycle)
    {
        var at = lifecycle is null ? 0 : Put(target, "synth:"u8);
        entry.RunId.Value.TryFormat(target[at..], out var written);
        at += written;
        at += Put(target[at..], ":"u8);
        return at + (lifecycle is null ? Put(target[at..], entry.Event.Seq) : Put(target[at..], lifecycle));
    }

    private static int Put(Span<byte> target, ReadOnlySpan<byte> text)
    {
        text.CopyTo(target);
        return text.Length;
    }

    private static int Put(Span<byte> target, long number)
    {
        Utf8Formatter.TryFormat(number, target, out var written);
        return written;
    }
}
