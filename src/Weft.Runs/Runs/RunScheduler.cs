namespace Weft.Runs;

/// <summary>
/// Executes runs in the order in which they were enqueued, a limited number at once. It starts when it is opened.
/// </summary>
internal sealed class RunScheduler(IRunExecutor executor, RunsOptions options)
{
    // Runs inherit nothing from the request that created them, such as its span or its log scopes.
    private static readonly ExecutionContext EmptyContext = CaptureEmpty();

    private readonly Lock _lock = new();
    private readonly LinkedList<ActiveRun> _queue = new();

    // Runs that may have killed their servers. They execute one at a time and after the others, so that the one that kills a
    // server is found and stops no other run.
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
                // The run stays pending in the database, and the next server takes it over.
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
            if (!_queued.Remove(run, out var place))
            {
                return false;
            }

            place.List!.Remove(place);
            return true;
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

            // Their code has the grace time to stop. After that it takes a moment to put them back in the queue.
            var wait = Task.Delay(options.StopGrace + TimeSpan.FromSeconds(5), TimeProvider.System, CancellationToken.None);
            await Task.WhenAny(_drained.Task, wait);
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
