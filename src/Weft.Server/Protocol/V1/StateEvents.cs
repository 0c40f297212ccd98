using Weft.Graphs;

namespace Weft.Server;

/// <summary>Encodes events about the state and what nodes wrote (docs/protocol/streaming.md D3 and D4).</summary>
internal static class StateEvents
{
    private static readonly Func<StreamItem, Envelope> PauseEnvelope = static part => MakePause((ValuesPart)part);
    private static readonly Func<StreamItem, Envelope> UpdateEnvelope = static part => Named((UpdatePart)part);
    private static readonly Func<StreamItem, Envelope> StepEnvelope = static part => Named((StepPart)part);
    private static readonly Func<StreamItem, byte[]> Interrupts = static part => EncodeInterrupts(((InterruptsPart)part).Interrupts);

    private static readonly byte[] End = [(byte)'}'];
    private static readonly byte[] CachedEnd = [.. ",\"__metadata__\":{\"cached\":true}}"u8];
    private static readonly byte[] Empty = [.. "{}"u8];

    /// <summary>The state has the interrupts of a pause as its last member.</summary>
    public static JsonPieces DataOf(ValuesPart part)
    {
        if (part.Interrupts is null)
        {
            return new JsonPieces(part.State.Utf8);
        }

        var members = MembersOf(part.State.Utf8);
        var envelope = part.FormOf(PauseEnvelope);
        return new JsonPieces(envelope.Head, members, envelope.Tail);
    }

    /// <summary>
    /// Returns the state alone, as below <c>/api/threads</c> (docs/protocol/gateway.md H4): clients get the questions of a pause
    /// from <c>updates</c> and from the thread's state.
    /// </summary>
    public static ReadOnlyMemory<byte> StateOf(ValuesPart part) =>
        part.Interrupts is not null && !IsObject(part.State.Utf8) ? Empty : part.State.Utf8;

    public static JsonPieces DataOf(UpdatePart part)
    {
        var envelope = part.FormOf(UpdateEnvelope);
        return new JsonPieces(envelope.Head, part.Writes.Utf8, envelope.Tail);
    }

    public static JsonPieces DataOf(StepPart part)
    {
        var envelope = part.FormOf(StepEnvelope);
        return new JsonPieces(envelope.Head, part.Result.Utf8, envelope.Tail);
    }

    public static JsonPieces DataOf(InterruptsPart part) => new(part.FormOf(Interrupts));

    private static byte[] EncodeInterrupts(IReadOnlyList<Interrupt> interrupts) =>
        GraphJson.Encode(interrupts, static (writer, interrupts) =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("__interrupt__"u8);
            Interrupt.WriteAll(writer, interrupts);
            writer.WriteEndObject();
        });

    private static Envelope MakePause(ValuesPart part)
    {
        var members = MembersOf(part.State.Utf8);
        byte[] tail = [.. members.IsEmpty ? ""u8 : ","u8, .. EncodeInterrupts(part.Interrupts!).AsSpan(1)];
        return new Envelope(Empty.AsMemory(0, 1), tail);
    }

    /// <summary>The members of the state, without its braces; none if a workflow returned something else.</summary>
    private static ReadOnlyMemory<byte> MembersOf(ReadOnlyMemory<byte> state) => IsObject(state) ? state[1..^1] : default;

    private static bool IsObject(ReadOnlyMemory<byte> json) => json.Span[0] == '{';

    private static Envelope Named(UpdatePart part) => Named(part.Node, part.IsCached);

    private static Envelope Named(StepPart part) => Named(part.Name, part.IsCached);

    private static Envelope Named(string name, bool isCached)
    {
        var head = GraphJson.Encode(name, static (writer, name) =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName(name);
        });
        return new Envelope(head, isCached ? CachedEnd : End);
    }
}
