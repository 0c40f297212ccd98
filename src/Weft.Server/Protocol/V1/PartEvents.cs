using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Encodes parts as events of the first protocol (docs/protocol/streaming.md D1 to D8).</summary>
internal static class PartEvents
{
    /// <summary>Returns the name of the part's event, without a namespace.</summary>
    public static string NameOf(StreamPart part) => part switch
    {
        MessageChunkPart => "messages",
        ValuesPart => "values",
        UpdatePart or InterruptsPart or StepPart => "updates",
        CustomPart => "custom",
        TaskStartPart or TaskResultPart => "tasks",
        CheckpointPart => "checkpoints",
        DebugPart => "debug",
        ToolPart => "tools",
        EventPart => "events",
        PartialMessagePart => "messages/partial",
        MessageMetadataPart => "messages/metadata",
        CompleteMessagesPart => "messages/complete",
        RunStartedPart => "metadata",
        RunErrorPart => "error",
        RunEndPart { Cancel: not null } => "cancel",
        RunEndPart => "end",
        StoredJsonPart stored => stored.Name,
        _ => throw Unknown(part),
    };

    /// <summary>
    /// Returns the namespace in the name of the part's event; empty for none. Accumulated messages and events have none.
    /// </summary>
    public static string NamespaceOf(StreamPart part) =>
        part.Mode is StreamMode.Messages or StreamMode.Events ? "" : part.Namespace;

    /// <summary>
    /// Encodes the data of the part's event; false if the protocol has no such event, or if a value is not valid JSON.
    /// </summary>
    /// <param name="part">The part.</param>
    /// <param name="hidesInterrupts">
    /// Whether states don't show the questions of a pause (docs/protocol/gateway.md H4).
    /// </param>
    /// <param name="data">The data.</param>
    public static bool TryEncode(StreamPart part, bool hidesInterrupts, out JsonPieces data)
    {
        data = default;
        if (part.Mode is StreamMode.Lifecycle or StreamMode.MessageBlocks)
        {
            return false;
        }

        try
        {
            data = hidesInterrupts && part is ValuesPart values ? new JsonPieces(StateEvents.StateOf(values)) : DataOf(part);
            return true;
        }
        catch (Exception)
        {
            // The code of a value's type may throw any exception.
            return false;
        }
    }

    /// <summary>Returns the data of the part's event.</summary>
    public static JsonPieces DataOf(StreamPart part) => part switch
    {
        MessageChunkPart chunk => MessageEvents.DataOf(chunk),
        ValuesPart values => StateEvents.DataOf(values),
        CustomPart custom => new JsonPieces(custom.Value.Utf8),
        UpdatePart update => StateEvents.DataOf(update),
        InterruptsPart pause => StateEvents.DataOf(pause),
        StepPart step => StateEvents.DataOf(step),
        TaskStartPart or TaskResultPart or CheckpointPart or DebugPart => TaskEvents.DataOf(part),
        ToolPart tool => ToolEvents.DataOf(tool),
        EventPart told => SpanEvents.DataOf(told),
        PartialMessagePart partial => MessageEvents.DataOf(partial),
        MessageMetadataPart metadata => MessageEvents.DataOf(metadata),
        CompleteMessagesPart complete => new JsonPieces(complete.Messages.Utf8),
        RunStartedPart or RunErrorPart or RunEndPart => RunEvents.DataOf(part),
        StoredJsonPart stored => new JsonPieces(stored.Json.Utf8),
        _ => throw Unknown(part),
    };

    private static ArgumentOutOfRangeException Unknown(StreamPart part) =>
        new(nameof(part), part.GetType().Name, "The first protocol does not show such parts.");
}
