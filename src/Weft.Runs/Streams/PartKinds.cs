using System.Diagnostics;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The kinds of stored parts.</summary>
internal static class PartKinds
{
    public const string Values = "values";
    public const string Update = "update";
    public const string Interrupts = "interrupts";
    public const string Step = "step";
    public const string Checkpoint = "checkpoint";
    public const string TaskStart = "task_start";
    public const string TaskResult = "task_result";
    public const string Debug = "debug";
    public const string MessageChunk = "message_chunk";
    public const string MessageMetadata = "message_metadata";
    public const string PartialMessage = "partial_message";
    public const string CompleteMessages = "complete_messages";
    public const string Custom = "custom";
    public const string Tool = "tool";
    public const string NodeTool = "node_tool";
    public const string Event = "event";
    public const string Subgraph = "subgraph";
    public const string StateCheckpoint = "state_checkpoint";
    public const string InputRequested = "input_requested";
    public const string InputAnswered = "input_answered";
    public const string MessageStart = "message_start";
    public const string MessageBlock = "message_block";
    public const string MessageData = "message_data";
    public const string MessageFinish = "message_finish";
    public const string MessageError = "message_error";
    public const string RunStarted = "run_started";
    public const string RunError = "run_error";
    public const string RunEnd = "run_end";

    /// <summary>Whether parts of the kind may show a state, which is then stored as a difference if that is shorter.</summary>
    public static bool HasState(string kind) => kind is Values or Checkpoint or TaskStart or Debug;

    /// <summary>Returns the kind of a part.</summary>
    public static string Of(StreamPart part) => part switch
    {
        MessageChunkPart => MessageChunk,
        MessageBlockPart block => block.Data is null ? MessageBlock : MessageData,
        ValuesPart => Values,
        UpdatePart => Update,
        InterruptsPart => Interrupts,
        StepPart => Step,
        CheckpointPart => Checkpoint,
        TaskStartPart => TaskStart,
        TaskResultPart => TaskResult,
        DebugPart => Debug,
        MessageMetadataPart => MessageMetadata,
        PartialMessagePart => PartialMessage,
        CompleteMessagesPart => CompleteMessages,
        CustomPart => Custom,
        ToolPart tool => tool.Node is null ? Tool : NodeTool,
        EventPart => Event,
        SubgraphPart => Subgraph,
        StateCheckpointPart => StateCheckpoint,
        InputRequestedPart => InputRequested,
        InputAnsweredPart => InputAnswered,
        MessageStartPart => MessageStart,
        MessageFinishPart => MessageFinish,
        MessageErrorPart => MessageError,
        RunStartedPart => RunStarted,
        RunErrorPart => RunError,
        RunEndPart => RunEnd,
        _ => throw new UnreachableException($"A part of type {part.GetType().Name} has no stored form."),
    };
}
