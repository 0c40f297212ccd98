namespace Weft.Runs;

/// <summary>The checkpoints of a thread and namespace that a read returns, the newest first.</summary>
public readonly record struct CheckpointRange
{
    /// <summary>Only this checkpoint, when given.</summary>
    public CheckpointId? Id { get; init; }

    /// <summary>Only checkpoints with a smaller id, when given.</summary>
    public CheckpointId? Before { get; init; }

    /// <summary>The greatest number of checkpoints.</summary>
    public required int Limit { get; init; }

    /// <summary>
    /// Whether to return the checkpoints, too, that follow one of the range by a superstep and are not in the range themselves.
    /// The range is the one checkpoint, or all that come before; the limit does not count.
    /// </summary>
    public bool WithSuccessors { get; init; }
}
