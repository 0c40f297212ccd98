namespace Weft.Runs;

/// <summary>A checkpoint as storage keeps it. Its body holds the changes against its parent, as the engine encoded them.</summary>
public sealed record CheckpointRecord
{
    /// <summary>The thread.</summary>
    public required ThreadId ThreadId { get; init; }

    /// <summary>The checkpoint namespace; empty for the root graph.</summary>
    public required string Namespace { get; init; }

    /// <summary>The id.</summary>
    public required CheckpointId CheckpointId { get; init; }

    /// <summary>The checkpoint that this one follows; null for the first.</summary>
    public CheckpointId? ParentId { get; init; }

    /// <summary>The run that wrote it; null for an edit of the state.</summary>
    public RunId? RunId { get; init; }

    /// <summary>
    /// Its number in its thread and namespace: one more than that of the checkpoint written before it, on any branch.
    /// </summary>
    public required long Ordinal { get; init; }

    /// <summary>Its source: <c>input</c>, <c>loop</c>, <c>update</c> or <c>fork</c> (docs/protocol/state.md E3).</summary>
    public required string Source { get; init; }

    /// <summary>JSON object of metadata (docs/protocol/state.md E3).</summary>
    public required string Metadata { get; init; }

    /// <summary>The encoded channels.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The outcome of one task of a checkpoint's superstep: its writes, interrupts, resume values or failure.</summary>
/// <param name="Namespace">The checkpoint namespace; empty for the root graph.</param>
/// <param name="CheckpointId">The checkpoint whose task it is.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Body">The outcome as the engine encoded it.</param>
public sealed record TaskOutcomeRecord(string Namespace, CheckpointId CheckpointId, string TaskId, ReadOnlyMemory<byte> Body);
