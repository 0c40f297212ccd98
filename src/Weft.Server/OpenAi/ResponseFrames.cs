using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Writes numbered events of a response as frames of server-sent events.</summary>
/// <param name="output">The response of HTTP.</param>
/// <param name="after">The number of the last event that the client has; its events are counted and not written. -1 means none.</param>
internal sealed class ResponseFrames(PipeWriter output, long after = -1)
{
    // The number, and what closes the frame.
    private const int TailBytesMax = 64;

    private byte[] _deltaHead = [];
    private long _sequence;

    /// <summary>Writes an event.</summary>
    /// <param name="type">The type.</param>
    /// <param name="writeMembers">Writes the members other than <c>type</c> and <c>sequence_number</c>.</param>
    public void Write(string type, Action<Utf8JsonWriter> writeMembers)
    {
        var sequence = _sequence++;
        if (sequence <= after)
        {
            return;
        }

        output.Write(Encoding.UTF8.GetBytes($"event: {type}\ndata: "));
        output.Write(GraphJson.Encode((type, sequence, writeMembers), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, s.type);
            writer.WriteNumber("sequence_number"u8, s.sequence);
            s.writeMembers(writer);
            writer.WriteEndObject();
        }));
        output.Write("\n\n"u8);
    }

    /// <summary>Sets what the following calls of <see cref="WriteDelta(ReadOnlySpan{byte})"/> have in common.</summary>
    public void BeginDeltas(string type, Action<Utf8JsonWriter> writeMembers)
    {
        var members = GraphJson.Encode((type, writeMembers), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, s.type);
            s.writeMembers(writer);
        });
        _deltaHead = [.. Encoding.UTF8.GetBytes($"event: {type}\ndata: "), .. members, .. ",\"delta\":"u8];
    }

    /// <summary>Writes an event with a piece, a JSON string, at once, because pieces are many.</summary>
    public void WriteDelta(ReadOnlySpan<byte> json)
    {
        var sequence = _sequence++;
        if (sequence <= after)
        {
            return;
        }

        var span = output.GetSpan(_deltaHead.Length + json.Length + TailBytesMax);
        _deltaHead.CopyTo(span);
        var at = _deltaHead.Length;
        json.CopyTo(span[at..]);
        at += json.Length;
        var tail = ",\"sequence_number\":"u8;
        tail.CopyTo(span[at..]);
        at += tail.Length;
        Utf8Formatter.TryFormat(sequence, span[at..], out var written);
        at += written;
        "}\n\n"u8.CopyTo(span[at..]);
        output.Advance(at + 3);
    }

    /// <summary>Writes an event with a piece.</summary>
    public void WriteDelta(string type, Action<Utf8JsonWriter> writeMembers, ReadOnlySpan<byte> json)
    {
        BeginDeltas(type, writeMembers);
        WriteDelta(json);
    }
}
