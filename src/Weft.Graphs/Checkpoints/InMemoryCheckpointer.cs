using System.Runtime.CompilerServices;

namespace Weft.Graphs;

/// <summary>Keeps the checkpoints of one thread in memory.</summary>
public sealed class InMemoryCheckpointer : ICheckpointer
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<(string Namespace, string Id), CheckpointTuple> _checkpoints = new(KeyComparer.Ordinal);

    /// <inheritdoc />
    public ValueTask<CheckpointTuple?> FindAsync(ChannelSchema schema, string checkpointNamespace, string? checkpointId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(checkpointId is null
                ? _checkpoints.LastOrDefault(entry => entry.Key.Namespace == checkpointNamespace).Value
                : _checkpoints.GetValueOrDefault((checkpointNamespace, checkpointId)));
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<CheckpointTuple> ReadAsync(
        ChannelSchema schema, string checkpointNamespace, string? before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CheckpointTuple[] found;
        lock (_lock)
        {
            found = [.. _checkpoints
                .Where(entry => entry.Key.Namespace == checkpointNamespace && (before is null || string.CompareOrdinal(entry.Key.Id, before) < 0))
                .Select(entry => entry.Value)
                .Reverse()
                .Select(WithCompleted)];
        }

        foreach (var tuple in found)
        {
            yield return tuple;
        }

        await Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task PutAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        lock (_lock)
        {
            _checkpoints[(checkpoint.Namespace, checkpoint.Id)] = new CheckpointTuple(checkpoint, []);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task PutOutcomeAsync(Checkpoint checkpoint, TaskOutcome outcome, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(outcome);
        lock (_lock)
        {
            var key = (checkpoint.Namespace, checkpoint.Id);
            var tuple = _checkpoints[key];
            _checkpoints[key] = tuple with { Outcomes = [.. tuple.Outcomes.Where(other => other.TaskId != outcome.TaskId), outcome] };
        }

        return Task.CompletedTask;
    }

    private CheckpointTuple WithCompleted(CheckpointTuple tuple)
    {
        var successor = _checkpoints.Values
            .LastOrDefault(other => other.Checkpoint.ParentId == tuple.Checkpoint.Id && other.Checkpoint.Source == CheckpointSource.Loop)?.Checkpoint;
        return successor is null
            ? tuple
            : tuple with { Outcomes = [.. tuple.Outcomes.Where(outcome => successor.Completed.All(done => done.TaskId != outcome.TaskId)), .. successor.Completed] };
    }

    private sealed class KeyComparer : IComparer<(string Namespace, string Id)>
    {
        public static readonly KeyComparer Ordinal = new();

        public int Compare((string Namespace, string Id) x, (string Namespace, string Id) y) =>
            string.CompareOrdinal(x.Namespace, y.Namespace) is var order && order != 0 ? order : string.CompareOrdinal(x.Id, y.Id);
    }
}
