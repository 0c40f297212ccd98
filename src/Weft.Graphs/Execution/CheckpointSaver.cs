using System.Diagnostics.CodeAnalysis;

namespace Weft.Graphs;

/// <summary>Keeps the checkpoints of a run as its durability asks.</summary>
internal sealed class CheckpointSaver(GraphRunOptions options, string? startedFrom)
{
    /// <summary>How many writes may be under way before the run waits for the oldest.</summary>
    private const int UnderWayMax = 16;

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

        // Not cancelled with the run, because a finished superstep is kept.
        _ = Enqueue(checkpointer.PutAsync(checkpoint.Tracked(), CancellationToken.None));
        var underWayMax = options.Durability == Durability.Sync ? 0 : UnderWayMax;
        while (Oldest(underWayMax) is { } oldest)
        {
            // A write that failed, or that the run no longer waits for, stays in the list. The flush awaits it and
            // reports its failure.
            await oldest.WaitAsync(cancellationToken);
            lock (_underWay)
            {
                _ = _underWay.Dequeue();
            }
        }
    }

    /// <summary>Any task of the superstep may call it.</summary>
    public Task SaveOutcome(Checkpoint checkpoint, TaskOutcome outcome) =>
        options.Checkpointer is { } checkpointer && options.Durability != Durability.Exit
        ? Enqueue(checkpointer.PutOutcomeAsync(checkpoint, outcome.Tracked(), CancellationToken.None))
        : Task.CompletedTask;

    public Task FlushAsync(Checkpoint last, IEnumerable<TaskOutcome> outcomes)
    {
        if (options.Checkpointer is { } checkpointer && options.Durability == Durability.Exit)
        {
            if (_unsaved)
            {
                // The checkpoints in the middle were never stored, so the parent of the last one is the checkpoint that
                // the run started from.
                var kept = last.ParentId == startedFrom ? last : last with { ParentId = startedFrom, Completed = [] };
                _ = Enqueue(checkpointer.PutAsync(kept.Tracked(), CancellationToken.None));
                _unsaved = false;
            }

            foreach (var outcome in outcomes)
            {
                _ = Enqueue(checkpointer.PutOutcomeAsync(last, outcome.Tracked(), CancellationToken.None));
            }
        }

        return DrainAsync(reports: true);
    }

    /// <summary>Waits for the writes that are under way, and ignores their failures.</summary>
    public Task SettleAsync() => DrainAsync(reports: false);

    /// <summary>
    /// Waits for all writes, also after one that failed, so that no write is under way when the end of the run is
    /// reported.
    /// </summary>
    private async Task DrainAsync(bool reports)
    {
        Task? failed = null;
        while (TryTake(out var save))
        {
            await save.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            failed ??= save.IsCompletedSuccessfully ? null : save;
        }

        if (reports && failed is not null)
        {
            // The first failure, because later writes may have failed because of it.
            await failed;
        }
    }

    private Task Enqueue(Task save)
    {
        lock (_underWay)
        {
            _underWay.Enqueue(save);
        }

        return save;
    }

    private bool TryTake([NotNullWhen(true)] out Task? save)
    {
        lock (_underWay)
        {
            return _underWay.TryDequeue(out save);
        }
    }

    private Task? Oldest(int underWayMax)
    {
        lock (_underWay)
        {
            return _underWay.Count > underWayMax ? _underWay.Peek() : null;
        }
    }
}
