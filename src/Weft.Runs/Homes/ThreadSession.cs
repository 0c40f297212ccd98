using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>
/// The unfinished runs of one thread. A session owns the coordinator of its thread and handles one message at a time. Every
/// caller except the executor needs an open <see cref="ThreadSessions.Visit"/>.
/// </summary>
internal sealed partial class ThreadSession(ThreadId threadId, ThreadSessions sessions) : IDisposable
{
    // Longer waits are split, because the wall clock may be set forward and timers stop while the machine sleeps.
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ILogger _logger = sessions.Logger;
    private List<(RunRecord Run, RunOutcome Outcome)>? _ended;
    private ITimer? _timer;
    private bool _isSuspended;

    public ThreadId ThreadId => threadId;

    /// <summary>The coordinator of the runs. Only the caller that has the turn may use it.</summary>
    public ThreadCoordinator Runs { get; } = new(sessions.Backlog);

    /// <summary>Whether all runs have ended.</summary>
    public bool IsIdle => Runs.IsIdle;

    public bool IsStopping => sessions.Scheduler.IsStopping;

    /// <summary>The number of open visits. The registry counts them under its own lock.</summary>
    public int Visits { get; set; }

    /// <summary>Admits a run. It is stored when this returns.</summary>
    public async Task<ActiveRun> AdmitAsync(Actor actor, RunSpec spec, CancellationToken cancellationToken)
    {
        await using var turn = await EnterRecoveredAsync(cancellationToken);
        return await sessions.Admission.AdmitAsync(turn, actor, spec, cancellationToken);
    }

    /// <summary>Returns the run if it has not ended.</summary>
    public async Task<ActiveRun?> FindAsync(RunId runId, CancellationToken cancellationToken)
    {
        await using var turn = await EnterRecoveredAsync(cancellationToken);
        return Runs.Find(runId);
    }

    /// <summary>Cancels a run. Returns <see langword="false"/> if it had ended before.</summary>
    public async Task<bool> CancelAsync(RunId runId, CancelRequest request, CancellationToken cancellationToken)
    {
        await using var turn = await EnterComparedAsync(cancellationToken);
        if (Runs.Find(runId) is { } run)
        {
            await sessions.Cancellation.CancelAsync(turn, run, request);
            return true;
        }

        // The run has ended, or this server is stopping and the next one takes the run over.
        var key = new RunKey(threadId, runId);
        return await sessions.Runs.TryRequestCancelAsync(key, request, sessions.Time.GetUtcNow(), cancellationToken);
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
                    await sessions.Cancellation.CancelAsync(turn, run, new CancelRequest(CancelAction.Interrupt));
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
                    return await sessions.Ending.DeleteAsync(turn, run);
                }

                // The rollback removes the run before the next one starts.
                active = found;
                await sessions.Cancellation.CancelAsync(turn, active, new CancelRequest(CancelAction.Rollback));
            }

            var ended = await active.Ended.WaitAsync(cancellationToken);
            if (ended.Status == RunStatus.Interrupted && active.CancelRequest is { Action: CancelAction.Rollback })
            {
                sessions.Streams.Remove(run.RunId);
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
    /// Ends a run that has executed. Retries until the end is stored, because no other run may start before that.
    /// </summary>
    public async Task EndAsync(ActiveRun run, RunEnd end)
    {
        using var visit = sessions.Open(this);
        for (var backoff = new Backoff(sessions.Time); ;)
        {
            try
            {
                await using var turn = await EnterAsync(CancellationToken.None);
                await sessions.Ending.EndAsync(turn, run, end);
                return;
            }
            catch (Exception e) when (e is not StaleAttemptException && !IsStopping)
            {
                LogNotStored(run.RunId, backoff.Next, e.Message, e is StorageUnavailableException ? null : e);
                await backoff.WaitAsync(CancellationToken.None);
            }
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
            sessions.Recovery.Suspect();
        }
    }

    /// <summary>Waits for a turn.</summary>
    public async ValueTask<ThreadTurn> EnterAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return new ThreadTurn(this);
    }

    /// <summary>Ends a turn.</summary>
    internal async ValueTask LeaveAsync()
    {
        var ended = _ended;
        _ended = null;
        try
        {
            StartNext();
        }
        catch (Exception e)
        {
            LogNotStarted(threadId, RetryWait, e);
            WakeAfter(RetryWait);
        }

        _turn.Release();
        foreach (var (run, outcome) in ended ?? [])
        {
            await sessions.Observers.EndedAsync(run, outcome);
        }
    }

    internal void AddEnded(RunRecord run, RunOutcome outcome) => (_ended ??= []).Add((run, outcome));

    /// <summary>Lets runs start again after all unfinished ones were taken over.</summary>
    internal void Resume() => _isSuspended = false;

    /// <summary>Disposes of the timer, when no run is left. A late caller may still take a turn.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        _timer = null;
    }

    private async Task AbandonAsync(ActiveRun run, bool suspends)
    {
        using var visit = sessions.Open(this);
        await using var turn = await EnterAsync(CancellationToken.None);
        _isSuspended |= suspends;
        sessions.Heads.Remove(threadId);
        Runs.Remove(run);
        run.Stream.Abandon();
        sessions.Streams.Remove(run.RunId);
        run.End(new RunOutcome(RunStatus.Pending, null, null, null));
    }

    /// <summary>Waits for a turn, and ensures that the coordinator has all unfinished runs unless that is known.</summary>
    private ValueTask<ThreadTurn> EnterRecoveredAsync(CancellationToken cancellationToken) =>
        sessions.Recovery.IsSettled ? EnterAsync(cancellationToken) : EnterComparedAsync(cancellationToken);

    private async ValueTask<ThreadTurn> EnterComparedAsync(CancellationToken cancellationToken)
    {
        var turn = await EnterAsync(cancellationToken);
        if (IsStopping)
        {
            return turn;
        }

        try
        {
            await sessions.Takeover.TakeOverAsync(turn, cancellationToken);
            return turn;
        }
        catch
        {
            await turn.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the next run if it is due, or else sets a timer for it.</summary>
    private void StartNext()
    {
        if (_isSuspended || IsStopping || Runs.Running is not null || Runs.Pending.Count == 0)
        {
            return;
        }

        var moment = Moment.Of(sessions.Time);
        if (Runs.StartNext(moment) is { } run)
        {
            sessions.Scheduler.Enqueue(run);
        }
        else if (Runs.WaitAt(moment) is { } wait)
        {
            WakeAfter(wait < WaitMax ? wait : WaitMax);
        }
    }

    private void WakeAfter(TimeSpan wait)
    {
        Dispose();
        _timer = sessions.Time.CreateTimer(
            static session => _ = ((ThreadSession)session!).WakeAsync(), this, wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The end of the turn starts the run.</summary>
    private async Task WakeAsync()
    {
        using var visit = sessions.Open(this);
        await using var turn = await EnterAsync(CancellationToken.None);
    }

    [LoggerMessage(LogLevel.Error, "The due runs of thread {ThreadId} could not be started; the next try is in {Wait}.")]
    private partial void LogNotStarted(ThreadId threadId, TimeSpan wait, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The end of run {RunId} could not be stored; the next try is in {Wait}. {Reason}")]
    private partial void LogNotStored(RunId runId, TimeSpan wait, string reason, Exception? exception);
}
