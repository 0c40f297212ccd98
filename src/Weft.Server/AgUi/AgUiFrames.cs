using System.Buffers;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Writes events of AG-UI as server-sent events, which are data alone. Not safe for concurrent use.</summary>
internal sealed class AgUiFrames(IBufferWriter<byte> output)
{
    /// <summary>The number of events that were written.</summary>
    public int Count { get; private set; }

    /// <summary>Writes an event.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="state">What the members are made from.</param>
    /// <param name="writeMembers">Writes the members after <c>type</c>.</param>
    public void Write<TState>(string type, TState state, Action<Utf8JsonWriter, TState> writeMembers) =>
        Write(Encode(type, state, writeMembers), default, default);

    /// <summary>Returns an event without its end, to which <see cref="WriteDelta"/> adds the last member.</summary>
    public static byte[] Head(string type, string member, string id) =>
        GraphJson.Encode((type, member, id), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, s.type);
            writer.WriteString(s.member, s.id);
            writer.WritePropertyName("delta"u8);
        });

    /// <summary>Writes a piece of something that is streamed.</summary>
    /// <param name="head">As <see cref="Head"/> returned it.</param>
    /// <param name="json">The piece, a JSON string.</param>
    public void WriteDelta(ReadOnlySpan<byte> head, ReadOnlySpan<byte> json) => Write(head, json, "}"u8);

    private static byte[] Encode<TState>(string type, TState state, Action<Utf8JsonWriter, TState> writeMembers) =>
        GraphJson.Encode((type, state, writeMembers), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, s.type);
            s.writeMembers(writer, s.state);
            writer.WriteEndObject();
        });

    /// <summary>Writes a frame in one piece, because the calls of the output for each event are a measurable cost.</summary>
    private void Write(ReadOnlySpan<byte> head, ReadOnlySpan<byte> value, ReadOnlySpan<byte> tail)
    {
        Count++;
        var before = "data: "u8;
        var after = "\n\n"u8;
        var span = output.GetSpan(before.Length + head.Length + value.Length + tail.Length + after.Length);
        var at = Put(span, before);
        at += Put(span[at..], head);
        at += Put(span[at..], value);
        at += Put(span[at..], tail);
        at += Put(span[at..], after);
        output.Advance(at);
    }

    private static int Put(Span<byte> target, ReadOnlySpan<byte> text)
    {
        text.CopyTo(target);
        return text.Length;
    }
}
