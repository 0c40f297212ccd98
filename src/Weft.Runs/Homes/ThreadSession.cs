using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>
/// The unfinished runs of one thread. A session owns the coordinator of its thread and handles one message at a time. Every
/// caller except the executor needs an open <see cref="ThreadSessions.Visit"/>.
/// </summary>
internal sealed partial class ThreadSession : IDisposable
{
    // The waits before that come to six seconds.
    private const int StatelessAfter = 6;

    private readonly ThreadSessions _sessions;
    private readonly SessionServices _services;
    private readonly SafeLogger<ThreadSession> _logger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly DueRuns _due;
    private List<EndedRun>? _ended;

    public ThreadSession(ThreadId threadId, ThreadSessions sessions, SessionServices services)
    {
        ThreadId = threadId;
        Runs = new ThreadCoordinator(services.Backlog);
        _sessions = sessions;
        _services = services;
        _logger = services.Logger;
        _due = new DueRuns(this, services);
    }

    public ThreadId ThreadId { get; }

    /// <summary>The coordinator of the runs. Only the caller that has the turn may use it.</summary>
    public ThreadCoordinator Runs { get; }

    /// <summary>Whether all runs have ended.</summary>
    public bool IsIdle => Runs.IsIdle;

    public bool IsStopping => _services.Scheduler.IsStopping;

    /// <summary>Whether an unfinished run of the thread is missing here and must be taken over.</summary>
    public bool IsSuspended => _due.IsSuspended;

    /// <summary>The number of open visits. The registry counts them under its own lock.</summary>
    public int Visits { get; set; }

    /// <summary>Admits a run. It is stored when this returns.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="spec">What the run does.</param>
    /// <param name="runId">The id of the new run.</param>
    /// <param name="isRepeated">Whether an earlier call may have created the run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IRunHandle> AdmitAsync(
        Actor actor, RunSpec spec, RunId runId, bool isRepeated, CancellationToken cancellationToken)
    {
        await using var turn = _services.Recovery.IsSettled
            ? await EnterAsync(cancellationToken)
            : await EnterComparedAsync(cancellationToken);
        if (isRepeated)
        {
            var known = Runs.Find(runId);
            if (known is { HasEvictedInput: false })
            {
                return known;
            }

            if (await _services.Runs.FindAsync(new Actor(actor.Id), runId, cancellationToken) is { } earlier)
            {
                return known is not null ? new AdmittedRun(earlier, known) : throw new RepeatedRunException(earlier);
            }
        }

        return await _services.Admission.AdmitAsync(turn, actor, spec, runId, isRepeated, cancellationToken);
    }

    /// <summary>Returns the run if it has not ended.</summary>
    public async Task<ActiveRun?> FindAsync(RunId runId, CancellationToken cancellationToken)
    {
        await using var turn = await EnterRecoveredAsync(cancellationToken);
        return Runs.Find(runId);
    }

    /// <summary>Cancels a run.</summary>
    public async Task<CancelResult> CancelAsync(RunId runId, CancelRequest request, CancellationToken cancellationToken)
    {
        await using var turn = await EnterComparedAsync(cancellationToken);
        if (Runs.Find(runId) is { } run)
        {
            return await _services.Cancellation.CancelAsync(turn, run, request) ? CancelResult.Ended : CancelResult.Requested;
        }

        // The run has ended, or this server is stopping and the next one takes the run over.
        var key = new RunKey(ThreadId, runId);
        return await _services.Runs.TryRequestCancelAsync(key, request, _services.Time.GetUtcNow(), cancellationToken)
            ? CancelResult.Requested
            : CancelResult.HadEnded;
    }

    /// <summary>Cancels all runs and waits until none is left.</summary>
    public async Task EndAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ActiveRun? running;
            await using (var turn = await EnterComparedAsync(cancellationToken))
            {
                if (IsIdle)
                {
                    return;
                }

                running = Runs.Running;
                foreach (var run in Runs.InFlight())
                {
                    await _services.Cancellation.CancelAsync(turn, run, new CancelRequest(CancelAction.Interrupt));
                }
            }

            if (running is not null)
            {
                await running.Ended.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Removes a run. See <see cref="IThreadHome.DeleteAsync"/>.</summary>
    public async Task<bool> DeleteAsync(RunRecord run, CancellationToken cancellationToken)
    {
        while (true)
        {
            ActiveRun active;
            await using (var turn = await EnterRecoveredAsync(cancellationToken))
            {
                if (Runs.Find(run.RunId) is not { } found)
                {
                    return await _services.Ending.DeleteAsync(turn, run);
                }

                // The rollback removes the run before the next one starts.
                active = found;
                await _services.Cancellation.CancelAsync(turn, active, new CancelRequest(CancelAction.Rollback));
            }

            var ended = await active.Ended.WaitAsync(cancellationToken);
            if (ended.Status == RunStatus.Interrupted && active.CancelRequest is { Action: CancelAction.Rollback })
            {
                _services.Streams.Remove(run.RunId);
                return true;
            }
        }
    }

    /// <summary>Ensures that the coordinator has every unfinished run of the database.</summary>
    public async Task CompareAsync(CancellationToken cancellationToken)
    {
        await using var turn = await EnterComparedAsync(cancellationToken);
    }

    /// <summary>
    /// Ends a run that has executed. Retries until the end is stored, because no other run may start before that. If memory does not
    /// suffice to read the state of the thread, the end is stored without that state.
    /// </summary>
    public async Task EndAsync(ActiveRun run, RunEnd end)
    {
        var failures = 0;
        using var visit = _sessions.Open(this);
        for (var backoff = new Backoff(_services.Time); ;)
        {
            try
            {
                await using var turn = await EnterAsync(CancellationToken.None);
                await _services.Ending.EndAsync(turn, run, end);
                return;
            }
            catch (Exception e) when (e is not StaleAttemptException && !IsStopping)
            {
                LogNotStored(run.RunId, backoff.Next, e.Message, e is StorageUnavailableException ? null : e);
                if (e is OutOfMemoryException && ++failures == StatelessAfter)
                {
                    end = end.WithoutState();
                }

                await backoff.WaitAsync(CancellationToken.None);
            }
        }
    }

    /// <summary>Gives the thread and its runs to another server, unless one of them executes or the server stops.</summary>
    /// <param name="give">Stores the new home.</param>
    public async Task GiveAsync(Func<Task> give)
    {
        using var visit = _sessions.Open(this);
        await using var turn = await EnterAsync(CancellationToken.None);
        if (!IsStopping && Runs.Running is null && _services.Moved is { } moved)
        {
            await give();
            MoveAll(moved);
        }
    }

    /// <summary>Abandons a run that another attempt owns.</summary>
    public Task AbandonAsync(ActiveRun run) => AbandonAsync(run, suspends: false);

    /// <summary>
    /// Abandons a run that stays unfinished in the database. It is taken over again, before the runs that wait behind it.
    /// </summary>
    public async Task LoseAsync(ActiveRun run)
    {
        await AbandonAsync(run, suspends: true);
        if (!IsStopping)
        {
            _services.Recovery.Suspect();
        }
    }

    /// <summary>
    /// Starts no run before the coordinator was compared with the database, which may have an unfinished run that it lacks. The caller
    /// has the turn.
    /// </summary>
    public void Suspect()
    {
        _due.Suspend();
        _services.Recovery.Suspect();
    }

    /// <summary>Waits for a turn.</summary>
    public async ValueTask<ThreadTurn> EnterAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return new ThreadTurn(this);
    }

    /// <summary>
    /// Ends a turn. Runs that ended in it are reported afterwards, because the code of listeners and observers may be slow.
    /// </summary>
    internal async ValueTask LeaveAsync()
    {
        var ended = _ended;
        _ended = null;
        if (IsStopping && _services.Moved is { } moved && (Runs.Running is null || !_services.Scheduler.IsExecuting(ThreadId)))
        {
            // This server starts none of them, and others do.
            MoveAll(moved);
        }

        _services.Heads.Keep(ThreadId, !IsIdle);
        _due.StartNext();
        _turn.Release();
        if (ended is null)
        {
            return;
        }

        foreach (var (run, _, outcome) in ended)
        {
            _services.Telemetry.Ended(run, outcome.Status);
        }

        foreach (var (_, record, outcome) in ended)
        {
            await _services.Observers.EndedAsync(record, outcome);
        }
    }

    internal void AddEnded(ActiveRun run, RunRecord record, RunOutcome outcome) =>
        (_ended ??= []).Add(new EndedRun(run, record, outcome));

    /// <summary>Lets runs start again after all unfinished ones were taken over.</summary>
    internal void Resume() => _due.Resume();

    /// <summary>Starts the runs that have become due, at the end of the turn.</summary>
    internal async Task WakeAsync()
    {
        using var visit = _sessions.Open(this);
        await using var turn = await EnterAsync(CancellationToken.None);
        _due.Dispose();
    }

    /// <summary>Disposes of the timer, when no run is left. A late caller may still take a turn.</summary>
    public void Dispose() => _due.Dispose();

    private void MoveAll(IMovedRuns moved)
    {
        foreach (var run in Runs.InFlight())
        {
            Runs.Remove(run);
            Move(moved, run);
        }
    }

    private void Move(IMovedRuns moved, ActiveRun run)
    {
        _services.Streams.Remove(run.Stream);
        moved.Move(run);
    }

    private async Task AbandonAsync(ActiveRun run, bool suspends)
    {
        using var visit = _sessions.Open(this);
        await using var turn = await EnterAsync(CancellationToken.None);
        if (suspends)
        {
            _due.Suspend();
        }

        _services.Heads.Remove(ThreadId);
        Runs.Remove(run);
        if (_services.Moved is { } moved)
        {
            Move(moved, run);
            return;
        }

        run.Stream.Abandon();
        _services.Streams.Remove(run.RunId);
        run.End(new RunOutcome(RunStatus.Pending, null, null, null));
    }

    /// <summary>
    /// Waits for a turn, and ensures that the coordinator has all unfinished runs unless that is known. In a cluster it is not,
    /// because the runs of a thread without runs here may be elsewhere.
    /// </summary>
    private ValueTask<ThreadTurn> EnterRecoveredAsync(CancellationToken cancellationToken) =>
        _services.Recovery.IsSettled && !(_services.Claims.AreShared && IsIdle)
            ? EnterAsync(cancellationToken)
            : EnterComparedAsync(cancellationToken);

    private async ValueTask<ThreadTurn> EnterComparedAsync(CancellationToken cancellationToken)
    {
        var turn = await EnterAsync(cancellationToken);
        if (IsStopping)
        {
            return turn;
        }

        try
        {
            await _services.Takeover.TakeOverAsync(turn, cancellationToken);
            return turn;
        }
        catch
        {
            await turn.DisposeAsync();
            throw;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The end of run {RunId} could not be stored; the next try is in {Wait}. {Reason}")]
    private partial void LogNotStored(RunId runId, TimeSpan wait, string reason, Exception? exception);

    /// <summary>A run whose end is stored and must be reported.</summary>
    private readonly record struct EndedRun(ActiveRun Run, RunRecord Record, RunOutcome Outcome);
}
