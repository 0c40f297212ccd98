namespace Weft.Runs;

/// <summary>The checkpoints of a thread and namespace that a read returns, the newest first.</summary>
public readonly record struct CheckpointRange
{
    /// <summary>Only this checkpoint; null means no such condition.</summary>
    public CheckpointId? Id { get; init; }

    /// <summary>Only checkpoints with a smaller id; null means no such condition.</summary>
    public CheckpointId? Before { get; init; }

    /// <summary>The greatest number of checkpoints.</summary>
    public required int Limit { get; init; }

    /// <summary>
    /// Whether to return also the checkpoints that follow one of the range by a superstep and are not in the range. For
    /// this the range is the one checkpoint, or all checkpoints before the given id, without the limit.
    /// </summary>
    public bool WithSuccessors { get; init; }
}
