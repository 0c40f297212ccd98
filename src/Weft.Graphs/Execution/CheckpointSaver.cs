namespace Weft.Graphs;

/// <summary>Keeps the checkpoints of a run as its durability asks.</summary>
internal sealed class CheckpointSaver(GraphRunOptions options, string? startedFrom)
{
    /// <summary>How many writes may be under way before the run waits for the oldest.</summary>
    private const int UnderWayMax = 16;

    private readonly Queue<Task> _underWay = new();
    private readonly Lock _lock = new();
    private bool _unsaved;

    public async ValueTask SaveAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        if (options.Checkpointer is not { } checkpointer)
        {
            return;
        }

        if (options.Durability == Durability.Exit)
        {
            _unsaved = true;
            return;
        }

        // Not cancelled with the run: a superstep that finished stays.
        var save = checkpointer.PutAsync(checkpoint, CancellationToken.None);
        if (options.Durability == Durability.Sync)
        {
            await save.WaitAsync(cancellationToken);
            return;
        }

        var oldest = Enqueue(save);
        if (oldest is not null)
        {
            await oldest.WaitAsync(cancellationToken);
        }
    }

    public void SaveOutcome(Checkpoint checkpoint, TaskOutcome outcome)
    {
        if (options.Checkpointer is { } checkpointer && options.Durability != Durability.Exit)
        {
            _ = Enqueue(checkpointer.PutOutcomeAsync(checkpoint, outcome, CancellationToken.None));
        }
    }

    public async Task FlushAsync(Checkpoint last, IEnumerable<TaskOutcome> outcomes)
    {
        if (options.Checkpointer is { } checkpointer && options.Durability == Durability.Exit)
        {
            if (_unsaved)
            {
                // What lies between was never kept: the last one follows the one that the run started from.
                var kept = last.ParentId == startedFrom ? last : last with { ParentId = startedFrom, Completed = [] };
                _ = Enqueue(checkpointer.PutAsync(kept, CancellationToken.None));
                _unsaved = false;
            }

            foreach (var outcome in outcomes)
            {
                _ = Enqueue(checkpointer.PutOutcomeAsync(last, outcome, CancellationToken.None));
            }
        }

        while (_underWay.TryDequeue(out var save))
        {
            await save;
        }
    }

    /// <summary>Returns the oldest write when too many are under way.</summary>
    private Task? Enqueue(Task save)
    {
        lock (_lock)
        {
            _underWay.Enqueue(save);
            return _underWay.Count > UnderWayMax ? _underWay.Dequeue() : null;
        }
    }
}
