using System.Runtime.CompilerServices;

namespace Weft.Graphs;

/// <summary>Keeps the checkpoints of one thread in memory.</summary>
public sealed class InMemoryCheckpointer : ICheckpointer
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<(string Namespace, string Id), Entry> _checkpoints = new(KeyComparer.Ordinal);
    private readonly Dictionary<string, Entry> _newest = [];

    /// <inheritdoc />
    public ValueTask<CheckpointTuple?> FindAsync(
        ChannelSchema schema, string checkpointNamespace, string? checkpointId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var entry = checkpointId is null
                ? _newest.GetValueOrDefault(checkpointNamespace)
                : _checkpoints.GetValueOrDefault((checkpointNamespace, checkpointId));
            return new(entry?.ToTuple());
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<CheckpointTuple> ReadAsync(
        ChannelSchema schema, string checkpointNamespace, string? before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CheckpointTuple[] found;
        var successors = new Dictionary<string, Checkpoint>();
        lock (_lock)
        {
            found = [.. _checkpoints.Where(entry => entry.Key.Namespace == checkpointNamespace).Select(entry => entry.Value.ToTuple())];
        }

        foreach (var (checkpoint, _) in found)
        {
            if (checkpoint is { ParentId: { } parent, Source: CheckpointSource.Loop })
            {
                // If several follow one, the last one counts. They are in the order of their ids.
                successors[parent] = checkpoint;
            }
        }

        var listed = Enumerable.Reverse(found)
            .Where(tuple => before is null || string.CompareOrdinal(tuple.Checkpoint.Id, before) < 0);
        foreach (var tuple in listed)
        {
            yield return WithCompleted(tuple, successors.GetValueOrDefault(tuple.Checkpoint.Id));
        }

        await Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task PutAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        lock (_lock)
        {
            var entry = new Entry(checkpoint);
            _checkpoints[(checkpoint.Namespace, checkpoint.Id)] = entry;
            if (!_newest.TryGetValue(checkpoint.Namespace, out var newest)
                || string.CompareOrdinal(newest.Checkpoint.Id, checkpoint.Id) <= 0)
            {
                _newest[checkpoint.Namespace] = entry;
            }
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
            _checkpoints[(checkpoint.Namespace, checkpoint.Id)].Outcomes[outcome.TaskId] = outcome;
        }

        return Task.CompletedTask;
    }

    private static CheckpointTuple WithCompleted(CheckpointTuple tuple, Checkpoint? successor) => successor is null
        ? tuple
        : tuple with
        {
            Outcomes =
                [
                    .. tuple.Outcomes.Where(outcome => successor.Completed.All(done => done.TaskId != outcome.TaskId)),
                    .. successor.Completed,
                ],
        };

    /// <summary>A checkpoint and the outcomes of its tasks, which change while its superstep is open.</summary>
    private sealed class Entry(Checkpoint checkpoint)
    {
        public Checkpoint Checkpoint { get; } = checkpoint;

        public Dictionary<string, TaskOutcome> Outcomes { get; } = [];

        public CheckpointTuple ToTuple() => new(Checkpoint, [.. Outcomes.Values]);
    }

    private sealed class KeyComparer : IComparer<(string Namespace, string Id)>
    {
        public static readonly KeyComparer Ordinal = new();

        public int Compare((string Namespace, string Id) x, (string Namespace, string Id) y) =>
            string.CompareOrdinal(x.Namespace, y.Namespace) is var order && order != 0 ? order : string.CompareOrdinal(x.Id, y.Id);
    }
}
