using System.Diagnostics;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Encodes parts as events of the second protocol (docs/protocol/v2.md 5). Each part has at most one event.</summary>
internal static class V2Encoder
{
    /// <summary>Returns the channel of the part's event; none if the protocol does not show the part.</summary>
    public static V2Channels ChannelOf(StreamPart part) => part switch
    {
        MessageChunkPart { IsText: true, Message.BlockIndex: >= 0 } => V2Channels.Messages,
        MessageStartPart or MessageBlockPart or MessageFinishPart or MessageErrorPart => V2Channels.Messages,
        // A pause changes only the interrupts. They have events of their own.
        ValuesPart { Interrupts: null } => V2Channels.Values,
        UpdatePart or StepPart => V2Channels.Updates,
        CustomPart => V2Channels.Custom,
        TaskStartPart or TaskResultPart => V2Channels.Tasks,
        StateCheckpointPart => V2Channels.Checkpoints,
        ToolPart => V2Channels.Tools,
        InputRequestedPart or InputAnsweredPart => V2Channels.Input,
        SubgraphPart or RunStartedPart or RunEndPart => V2Channels.Lifecycle,
        _ => V2Channels.None,
    };

    /// <summary>Encodes the part's event; false if a value is not valid JSON.</summary>
    public static bool TryEncode(StreamPart part, out V2Event encoded)
    {
        try
        {
            encoded = Encode(part);
            return true;
        }
        catch (Exception e) when (e is not UnreachableException)
        {
            // The code of a value's type may throw any exception.
            encoded = default;
            return false;
        }
    }

    private static V2Event Encode(StreamPart part) => part switch
    {
        MessageChunkPart chunk => V2Messages.Of(chunk),
        MessageStartPart or MessageBlockPart or MessageFinishPart or MessageErrorPart => V2Messages.Of(part),
        ValuesPart values => new V2Event(V2Methods.Values, new JsonPieces(values.State.Utf8)),
        UpdatePart update => V2States.Of(update),
        StepPart step => V2States.Of(step),
        StateCheckpointPart checkpoint => V2States.Of(checkpoint),
        TaskStartPart or TaskResultPart => new V2Event(V2Methods.Tasks, TaskEvents.DataOf(part)),
        CustomPart custom => V2Outputs.Of(custom),
        ToolPart tool => V2Outputs.Of(tool),
        InputRequestedPart or InputAnsweredPart => V2Inputs.Of(part),
        SubgraphPart or RunStartedPart or RunEndPart => V2Lifecycle.Of(part),
        _ => throw new UnreachableException(),
    };
}
