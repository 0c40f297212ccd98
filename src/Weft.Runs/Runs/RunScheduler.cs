namespace Weft.Runs;

/// <summary>
/// Executes a limited number of runs at once. Those of an actor start in the order in which they were enqueued. It starts when it is
/// opened.
/// </summary>
internal sealed class RunScheduler(IRunExecutor executor, RunsOptions options)
{
    // Runs inherit nothing from the request that created them, such as its span or its log scopes.
    private static readonly ExecutionContext EmptyContext = CaptureEmpty();

    private readonly Lock _lock = new();
    private readonly RunQueue _queue = new(options.ConcurrentRunsPerActorMax ?? int.MaxValue);

    // Runs that may have killed their servers. They execute one at a time and after the others, so that the one that kills a
    // server is found and stops no other run.
    private readonly LinkedList<ActiveRun> _suspects = new();
    private ActiveRun? _suspect;
    private readonly HashSet<ActiveRun> _executing = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isOpen;
    private bool _isStopping;
    private bool _hasGivenUp;

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

    /// <summary>Whether a run of a thread executes.</summary>
    public bool IsExecuting(ThreadId threadId)
    {
        lock (_lock)
        {
            return _executing.Any(run => run.ThreadId == threadId);
        }
    }

    /// <summary>Whether a run of an actor would start at once.</summary>
    public bool HasRoom(string actor)
    {
        lock (_lock)
        {
            return _isOpen && !_isStopping && _executing.Count < options.ConcurrentRunsMax && _queue.HasRoom(actor);
        }
    }

    public void Enqueue(ActiveRun run)
    {
        lock (_lock)
        {
            if (_isStopping)
            {
                // The run stays pending in the database, and the next server takes it over.
                return;
            }

            if (run.IsSuspect)
            {
                _suspects.AddLast(run);
            }
            else
            {
                _queue.Add(run);
            }

            if (!_isOpen || _executing.Count >= options.ConcurrentRunsMax || TakeNext() is not { } next)
            {
                return;
            }

            run = next;
        }

        Start(run);
    }

    /// <summary>Starts to execute the runs in the queue and those that follow.</summary>
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

    /// <summary>Removes a run from the queue; false if it is not in the queue.</summary>
    public bool TryWithdraw(ActiveRun run)
    {
        lock (_lock)
        {
            return run.IsSuspect ? _suspects.Remove(run) : _queue.TryRemove(run);
        }
    }

    /// <summary>Accepts no more runs. Lets those that execute finish for a limited time, and then stops the rest.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isStopping = true;
            _queue.Clear();
            _suspects.Clear();
            if (_executing.Count == 0 || _hasGivenUp)
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

            // Their code has the grace time to stop. After that it takes a moment to put them back in the queue.
            var wait = Task.Delay(options.StopGrace + TimeSpan.FromSeconds(5), TimeProvider.System, CancellationToken.None);
            await Task.WhenAny(_drained.Task, wait);
            lock (_lock)
            {
                _hasGivenUp = true;
            }
        }
    }

    /// <summary>
    /// Starts a run on the caller's thread. The executor moves to another thread before it calls code that may block.
    /// </summary>
    private void Start(ActiveRun run) => ExecutionContext.Run(
        EmptyContext,
        static state =>
        {
            var (scheduler, run) = ((RunScheduler, ActiveRun))state!;
            _ = scheduler.RunAsync(run);
        },
        (this, run));

    /// <summary>Returns the context of a thread that was started without one.</summary>
    private static ExecutionContext CaptureEmpty()
    {
        ExecutionContext? captured = null;
        var thread = new Thread(() => captured = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return captured!;
    }

    private async Task RunAsync(ActiveRun run)
    {
        // The executor throws no exception. The set of executing runs owns its task.
        await executor.ExecuteAsync(run, run.IsSuspect ? () => Clear(run) : null);
        ActiveRun? next;
        lock (_lock)
        {
            _executing.Remove(run);
            _queue.End(run);
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

    /// <summary>Lets the next suspect start, because this one has stored something.</summary>
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

    /// <summary>Moves the next run from its queue to those that execute. The caller holds the lock.</summary>
    private ActiveRun? TakeNext()
    {
        var next = _queue.Take() ?? TakeSuspect();
        if (next is not null)
        {
            _executing.Add(next);
        }

        return next;
    }

    /// <summary>The caller holds the lock.</summary>
    private ActiveRun? TakeSuspect()
    {
        var next = _suspect is null ? _suspects.FirstOrDefault(run => _queue.HasRoom(run.Record.Owner)) : null;
        if (next is not null)
        {
            _suspects.Remove(next);
            _queue.Begin(next);
            _suspect = next;
        }

        return next;
    }
}
