namespace Weft.Graphs;

/// <summary>Keeps the checkpoints of one thread.</summary>
/// <remarks>
/// Writes take effect in the order of the calls. A returned task that completes means that the write is kept.
/// </remarks>
public interface ICheckpointer
{
    /// <summary>
    /// Returns a checkpoint, or the newest one if <paramref name="checkpointId"/> is null; null if it does not exist.
    /// </summary>
    ValueTask<CheckpointTuple?> FindAsync(
        ChannelSchema schema, string checkpointNamespace, string? checkpointId, CancellationToken cancellationToken);

    /// <summary>
    /// Returns checkpoints with a smaller id than <paramref name="before"/>, when given, newest first, with the
    /// outcomes of their tasks whether or not the superstep ended.
    /// </summary>
    IAsyncEnumerable<CheckpointTuple> ReadAsync(
        ChannelSchema schema, string checkpointNamespace, string? before, CancellationToken cancellationToken);

    /// <summary>Adds a checkpoint.</summary>
    Task PutAsync(Checkpoint checkpoint, CancellationToken cancellationToken);

    /// <summary>Adds the outcome of a task, or replaces the one it had.</summary>
    Task PutOutcomeAsync(Checkpoint checkpoint, TaskOutcome outcome, CancellationToken cancellationToken);
}
