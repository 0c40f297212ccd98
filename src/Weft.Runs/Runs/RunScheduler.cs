namespace Weft.Runs;

/// <summary>Executes runs, a bounded number at once, in the order in which they were handed in. It begins when it is opened.</summary>
internal sealed class RunScheduler(IRunExecutor executor, RunsOptions options)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<ActiveRun> _queue = new();

    // Runs that may be what killed their servers: one at a time, after the others. So the one that does is found, and takes no other with it.
    private readonly LinkedList<ActiveRun> _suspects = new();
    private ActiveRun? _suspect;
    private readonly Dictionary<ActiveRun, LinkedListNode<ActiveRun>> _queued = [];
    private readonly HashSet<ActiveRun> _executing = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isOpen;
    private bool _isStopping;

    public bool IsStopping => _isStopping;

    /// <summary>How many runs execute.</summary>
    public int ExecutingCount
    {
        get
        {
            lock (_lock)
            {
                return _executing.Count;
            }
        }
    }

    public void Enqueue(ActiveRun run)
    {
        lock (_lock)
        {
            if (_isStopping)
            {
                // It stays pending in the database; the next server takes it up.
                return;
            }

            var isHeld = run.IsSuspect && _suspect is not null;
            if (!_isOpen || isHeld || _executing.Count >= options.ConcurrentRunsMax)
            {
                _queued[run] = (run.IsSuspect ? _suspects : _queue).AddLast(run);
                return;
            }

            Begin(run);
        }

        Start(run);
    }

    /// <summary>Begins to execute what was handed in, and what will be.</summary>
    public void Open()
    {
        var first = new List<ActiveRun>();
        lock (_lock)
        {
            _isOpen = true;
            while (_executing.Count < options.ConcurrentRunsMax && TakeNext() is { } run)
            {
                first.Add(run);
            }
        }

        first.ForEach(Start);
    }

    /// <summary>Takes back a run that waits to be executed; false when it does not.</summary>
    public bool TryWithdraw(ActiveRun run)
    {
        lock (_lock)
        {
            if (!_queued.Remove(run, out var place))
            {
                return false;
            }

            place.List!.Remove(place);
            return true;
        }
    }

    /// <summary>Takes no more runs, lets those that execute finish for a while, then stops them where they are.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isStopping = true;
            _queue.Clear();
            _suspects.Clear();
            _queued.Clear();
            if (_executing.Count == 0)
            {
                return;
            }
        }

        try
        {
            await _drained.Task.WaitAsync(options.DrainTimeout, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            ActiveRun[] left;
            lock (_lock)
            {
                left = [.. _executing];
            }

            foreach (var run in left)
            {
                run.Stop();
            }

            // Their code has the grace time to stop; after that, putting them back in the queue takes a moment.
            await Task.WhenAny(_drained.Task, Task.Delay(options.StopGrace + TimeSpan.FromSeconds(5), TimeProvider.System, CancellationToken.None));
        }
    }

    private void Start(ActiveRun run) => ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Scheduler.RunAsync(state.Run), (Scheduler: this, Run: run), preferLocal: false);

    private async Task RunAsync(ActiveRun run)
    {
        // The executor lets no exception out. This set is the owner of its task.
        await executor.ExecuteAsync(run, run.IsSuspect ? () => Clear(run) : null);
        ActiveRun? next;
        lock (_lock)
        {
            _executing.Remove(run);
            if (ReferenceEquals(_suspect, run))
            {
                _suspect = null;
            }

            next = TakeNext();
            if (_isStopping && _executing.Count == 0)
            {
                _drained.TrySetResult();
            }
        }

        if (next is not null)
        {
            Start(next);
        }
    }

    /// <summary>Lets the next suspect begin, because this one has stored something.</summary>
    private void Clear(ActiveRun run)
    {
        ActiveRun? next;
        lock (_lock)
        {
            if (!ReferenceEquals(_suspect, run))
            {
                return;
            }

            _suspect = null;
            next = _executing.Count < options.ConcurrentRunsMax ? TakeNext() : null;
        }

        if (next is not null)
        {
            Start(next);
        }
    }

    /// <summary>Moves the run that waits longest to those that execute. The caller holds the lock.</summary>
    private ActiveRun? TakeNext()
    {
        var queue = _queue.Count > 0 || _suspect is not null ? _queue : _suspects;
        if (queue.First is not { Value: var next })
        {
            return null;
        }

        queue.RemoveFirst();
        _queued.Remove(next);
        Begin(next);
        return next;
    }

    /// <summary>The caller holds the lock.</summary>
    private void Begin(ActiveRun run)
    {
        _executing.Add(run);
        if (run.IsSuspect)
        {
            _suspect = run;
        }
    }
}
