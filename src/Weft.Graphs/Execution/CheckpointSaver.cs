namespace Weft.Graphs;

/// <summary>Keeps the checkpoints of a run as its durability asks.</summary>
internal sealed class CheckpointSaver(GraphRunOptions options, string? startedFrom)
{
    /// <summary>How many writes may be under way before the run waits for the oldest.</summary>
    private const int UnderWayMax = 16;

    // The loop alone touches it, one step at a time.
    private readonly Queue<Task> _underWay = new();
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
        _underWay.Enqueue(save);
        var underWayMax = options.Durability == Durability.Sync ? 0 : UnderWayMax;
        while (_underWay.Count > underWayMax)
        {
            // One that the run no longer waits for, or that failed, stays: the flush waits for it and tells.
            await _underWay.Peek().WaitAsync(cancellationToken);
            _ = _underWay.Dequeue();
        }
    }

    public void SaveOutcome(Checkpoint checkpoint, TaskOutcome outcome)
    {
        if (options.Checkpointer is { } checkpointer && options.Durability != Durability.Exit)
        {
            _underWay.Enqueue(checkpointer.PutOutcomeAsync(checkpoint, outcome, CancellationToken.None));
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
                _underWay.Enqueue(checkpointer.PutAsync(kept, CancellationToken.None));
                _unsaved = false;
            }

            foreach (var outcome in outcomes)
            {
                _underWay.Enqueue(checkpointer.PutOutcomeAsync(last, outcome, CancellationToken.None));
            }
        }

        while (_underWay.TryDequeue(out var save))
        {
            await save;
        }
    }
}
