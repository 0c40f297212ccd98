namespace Weft.Graphs.Tests;

/// <summary>Keeps checkpoints in memory and notes what is asked of it; a write may be held up or refused.</summary>
internal sealed class RecordingCheckpointer : ICheckpointer
{
    private readonly InMemoryCheckpointer _inner = new();

    public List<Checkpoint> Put { get; } = [];

    /// <summary>Awaited before a checkpoint counts as kept.</summary>
    public Func<Checkpoint, Task> OnPut { get; init; } = _ => Task.CompletedTask;

    /// <summary>Awaited before an outcome counts as kept.</summary>
    public Func<TaskOutcome, Task> OnPutOutcome { get; init; } = _ => Task.CompletedTask;

    /// <summary>Called once the outcome is kept.</summary>
    public Action<TaskOutcome> OnOutcome { get; init; } = _ => { };

    public ValueTask<CheckpointTuple?> FindAsync(
        ChannelSchema schema, string checkpointNamespace, string? checkpointId, CancellationToken cancellationToken) =>
        _inner.FindAsync(schema, checkpointNamespace, checkpointId, cancellationToken);

    public IAsyncEnumerable<CheckpointTuple> ReadAsync(
        ChannelSchema schema, string checkpointNamespace, string? before, CancellationToken cancellationToken) =>
        _inner.ReadAsync(schema, checkpointNamespace, before, cancellationToken);

    public async Task PutAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        lock (Put)
        {
            Put.Add(checkpoint);
        }

        await OnPut(checkpoint);
        await _inner.PutAsync(checkpoint, cancellationToken);
    }

    public async Task PutOutcomeAsync(Checkpoint checkpoint, TaskOutcome outcome, CancellationToken cancellationToken)
    {
        await OnPutOutcome(outcome);
        await _inner.PutOutcomeAsync(checkpoint, outcome, cancellationToken);
        OnOutcome(outcome);
    }
}
