namespace Weft.Runs;

/// <summary>All that is done with runs: create, stream, wait, join, cancel, look up, delete.</summary>
public sealed class RunsFacade
{
    private const int PageSize = 200;

    private readonly IRunStore _runs;
    private readonly IRunEventStore _events;
    private readonly ThreadStandings _standings;
    private readonly RunAdmission _admission;
    private readonly RunCancellation _cancellation;
    private readonly RunObservers _observers;
    private readonly RunRecovery _recovery;
    private readonly RunDispatcher _dispatcher;
    private readonly RunStreams _streams;
    private readonly ThreadHeadCache _heads;
    private readonly TimeProvider _time;

    internal RunsFacade(
        IRunStore runs,
        IRunEventStore events,
        ThreadStandings standings,
        RunAdmission admission,
        RunCancellation cancellation,
        RunObservers observers,
        RunRecovery recovery,
        RunDispatcher dispatcher,
        RunStreams streams,
        ThreadHeadCache heads,
        TimeProvider time)
    {
        _runs = runs;
        _events = events;
        _standings = standings;
        _admission = admission;
        _cancellation = cancellation;
        _observers = observers;
        _recovery = recovery;
        _dispatcher = dispatcher;
        _streams = streams;
        _heads = heads;
        _time = time;
    }

    /// <summary>Creates a run. It is stored when this returns, and executes on its own.</summary>
    /// <exception cref="WeftException">The thread is unknown, or busy and the strategy is reject, or its queue is full.</exception>
    public async Task<RunRecord> CreateBackgroundAsync(Actor actor, RunSpec spec, CancellationToken cancellationToken) =>
        (await CreateAsync(actor, spec, cancellationToken)).Record;

    /// <summary>Creates runs without a thread of their caller's: all of them, or none.</summary>
    /// <exception cref="WeftException">As <see cref="CreateBackgroundAsync"/>.</exception>
    public async Task<IReadOnlyList<RunRecord>> CreateBatchAsync(Actor actor, IReadOnlyList<RunSpec> specs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(specs);
        return [.. (await _admission.AdmitAllAsync(actor, specs, cancellationToken)).Select(run => run.Record)];
    }

    /// <summary>Creates a run and begins to read its stream from the start.</summary>
    /// <exception cref="WeftException">As <see cref="CreateBackgroundAsync"/>.</exception>
    public async Task<(RunRecord Run, RunStreamReader Stream)> CreateAndStreamAsync(Actor actor, RunSpec spec, CancellationToken cancellationToken)
    {
        var run = await CreateAsync(actor, spec, cancellationToken);
        return (run.Record, run.Stream.Read(after: -1));
    }

    /// <summary>Creates a run; the task that comes with it completes when the run's end is stored.</summary>
    /// <exception cref="WeftException">As <see cref="CreateBackgroundAsync"/>.</exception>
    public async Task<(RunRecord Run, Task<RunOutcome> Outcome)> CreateAndWaitAsync(Actor actor, RunSpec spec, CancellationToken cancellationToken)
    {
        var run = await CreateAsync(actor, spec, cancellationToken);
        return (run.Record, run.Ended);
    }

    /// <summary>Begins to read the stream of a run, whether it goes on or has ended.</summary>
    /// <param name="run">The run, as <see cref="FindAsync"/> gave it.</param>
    /// <param name="after">As <see cref="RunStream.Read"/>.</param>
    /// <param name="createdAtMs">As <see cref="RunStream.Read"/>.</param>
    /// <param name="modes">As <see cref="RunStream.Read"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RunStreamReader> JoinStreamAsync(RunRecord run, long? after, long? createdAtMs, IReadOnlyList<string>? modes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!_recovery.IsSettled && run.Status is RunStatus.Pending or RunStatus.Running)
        {
            // One that nobody executes has no log yet that goes on.
            await FindActiveAsync(run, cancellationToken);
        }

        return (await _streams.OpenAsync(run, cancellationToken)).Read(after, modes, createdAtMs);
    }

    /// <summary>Begins to follow the runs of a thread, those too that are yet to come.</summary>
    /// <param name="actor">For whom.</param>
    /// <param name="threadId">The thread, which is the actor's.</param>
    /// <param name="last">The last event that the reader has, by its run and its place in the log of that; null: none.</param>
    /// <param name="fromStart">Whether all that is kept is read, when the reader has none, or one of a run that is gone.</param>
    /// <param name="modes">As <see cref="RunStream.Read"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ThreadStreamReader> FollowAsync(
        Actor actor, ThreadId threadId, (RunId RunId, long Seq)? last, bool fromStart, IReadOnlyList<string>? modes, CancellationToken cancellationToken)
    {
        var run = last is { } given ? await FindAsync(actor, threadId, given.RunId, cancellationToken) : null;
        return run is null
            ? _streams.Follow(threadId, null, fromStart || last is not null, modes)
            : _streams.Follow(threadId, (await _streams.OpenAsync(run, cancellationToken), last!.Value.Seq), fromStart, modes);
    }

    /// <summary>Waits for the end of a run; for one that has ended the outcome is the thread's values of now.</summary>
    public async Task<RunOutcome> JoinWaitAsync(Actor actor, RunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(run);
        if (await FindActiveAsync(run, cancellationToken) is { } active)
        {
            return await active.Ended.WaitAsync(cancellationToken);
        }

        if (run.Status is RunStatus.Pending or RunStatus.Running)
        {
            // It has ended since it was looked up; one that was rolled back is gone.
            run = await _runs.FindAsync(actor, run.RunId, cancellationToken) ?? run with { Status = RunStatus.Interrupted };
        }

        var snapshot = _standings.SnapshotOf(run, await _standings.FindHeadAsync(run, cancellationToken));
        return new RunOutcome(
            run.Status,
            snapshot?.Checkpoint.Values,
            snapshot is { HasNext: true } && run.Status == RunStatus.Success ? [.. snapshot.Interrupts] : null,
            run.Status is RunStatus.Error or RunStatus.Timeout ? new RunFailure(run.Status == RunStatus.Timeout ? nameof(TimeoutException) : "Error", run.Error ?? "") : null);
    }

    /// <summary>
    /// Cancels a run that has not ended; false when it has. What is pending is gone at once; what executes is told to stop,
    /// and <see cref="JoinWaitAsync"/> tells when it has. That it was asked for is stored when this returns: a server that
    /// takes the run up after a crash ends it.
    /// </summary>
    public async Task<bool> CancelAsync(RunRecord run, CancelAction action, string? reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var request = new CancelRequest(action, reason);
        RunEnd? end;
        // One that nobody executes is taken up first, and ends here.
        using (var lease = await (_dispatcher.IsStopping ? _recovery.EnterAsync(run.ThreadId, cancellationToken) : _recovery.EnterComparedAsync(run.ThreadId, cancellationToken)))
        {
            if (lease.Coordinator.Find(run.RunId) is not { } active)
            {
                // It has ended, or this server stops and the next one takes it up.
                return await _runs.TryRequestCancelAsync(run.Key, request, _time.GetUtcNow(), cancellationToken);
            }

            end = await _cancellation.CancelAsync(lease.Coordinator, active, request);
            _dispatcher.Dispatch(run.ThreadId, lease.Coordinator);
        }

        if (end is not null)
        {
            await _observers.EndedAsync(end);
        }

        return true;
    }

    /// <summary>Cancels all of the actor's runs that have not ended, or those of one status.</summary>
    public async Task CancelAllAsync(Actor actor, RunStatus? status, CancelAction action, CancellationToken cancellationToken)
    {
        RunRecord? last = null;
        do
        {
            var page = await _runs.SearchUnfinishedAsync(actor, status, last, PageSize, cancellationToken);
            foreach (var threadId in page.Select(run => run.ThreadId).Distinct())
            {
                await CancelAllAsync(threadId, status, action, cancellationToken);
            }

            last = page.Count == PageSize ? page[^1] : null;
        }
        while (last is not null);
    }

    private async Task CancelAllAsync(ThreadId threadId, RunStatus? status, CancelAction action, CancellationToken cancellationToken)
    {
        // The newest first: a run that waits must not start because the one before it was cancelled.
        foreach (var run in (await _runs.ListUnfinishedAsync(threadId, cancellationToken)).Reverse())
        {
            if (status is null || run.Status == status)
            {
                await CancelAsync(run, action, null, cancellationToken);
            }
        }
    }

    /// <summary>Returns the run, or null when the actor has no such run on this thread.</summary>
    public async Task<RunRecord?> FindAsync(Actor actor, ThreadId? threadId, RunId runId, CancellationToken cancellationToken) =>
        await _runs.FindAsync(actor, runId, cancellationToken) is { } run && (threadId is null || run.ThreadId == threadId) ? run : null;

    /// <summary>Returns the run.</summary>
    /// <exception cref="WeftException">The actor has no such run on this thread.</exception>
    public async Task<RunRecord> GetAsync(Actor actor, ThreadId threadId, RunId runId, CancellationToken cancellationToken) =>
        await FindAsync(actor, threadId, runId, cancellationToken) ?? throw WeftException.RunNotFound(runId);

    /// <summary>Returns a page of the thread's runs, newest first.</summary>
    public Task<IReadOnlyList<RunRecord>> SearchAsync(Actor actor, ThreadId threadId, RunStatus? status, int limit, int offset, CancellationToken cancellationToken) =>
        _runs.SearchAsync(actor, threadId, status, limit, offset, cancellationToken);

    /// <summary>Returns messages that entered the conversation in a run, in order (contract file, <c>run_messages</c>).</summary>
    public Task<IReadOnlyList<RunEventRecord>> ListMessagesAsync(RunRecord run, int limit, long? beforeSeq, long? afterSeq, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        return _events.ListMessagesByRunAsync(run.ThreadId, run.RunId, limit, beforeSeq, afterSeq, cancellationToken);
    }

    /// <summary>Removes a run with its checkpoints; one that has not ended is cancelled first. False when it is gone.</summary>
    /// <exception cref="WeftException">Another run of the thread executes: it builds on the checkpoints that would go.</exception>
    public async Task<bool> DeleteAsync(RunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (await FindActiveAsync(run, cancellationToken) is { } active)
        {
            // A rollback removes the run before the next one begins.
            await CancelAsync(run, CancelAction.Rollback, null, cancellationToken);
            var ended = await active.Ended.WaitAsync(cancellationToken);
            if (ended.Status == RunStatus.Interrupted && active.CancelRequest is { Action: CancelAction.Rollback })
            {
                _streams.Remove(run.RunId);
                return true;
            }
        }

        using var lease = await _recovery.EnterAsync(run.ThreadId, cancellationToken);
        if (lease.Coordinator.Running is not null)
        {
            throw new WeftException(ProblemKind.Conflict, $"Thread {run.ThreadId} has a run that executes; another of its runs can be deleted when that one has ended.");
        }

        var outcome = await _standings.OutcomeWithoutAsync(run, isBusy: !lease.Coordinator.IsIdle);
        var deleted = await _runs.DeleteAsync(run.Key, attempt: null, outcome, _time.GetUtcNow(), CancellationToken.None);
        if (deleted == WriteResult.Busy)
        {
            throw WeftException.ThreadBusy(run.ThreadId);
        }

        _heads.Remove(run.ThreadId);
        _streams.Remove(run.RunId);
        return deleted == WriteResult.Applied;
    }

    /// <summary>Cancels the thread's runs and waits until none executes; then holds its gate, so that none begins.</summary>
    internal async Task<ThreadGates.Lease> EnterIdleAsync(ThreadId threadId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var lease = await _recovery.EnterComparedAsync(threadId, cancellationToken);
            if (lease.Coordinator.IsIdle)
            {
                return lease;
            }

            var running = lease.Coordinator.Running;
            var ended = new List<RunEnd>();
            try
            {
                foreach (var run in lease.Coordinator.InFlight())
                {
                    if (await _cancellation.CancelAsync(lease.Coordinator, run, new CancelRequest(CancelAction.Interrupt)) is { } end)
                    {
                        ended.Add(end);
                    }
                }
            }
            finally
            {
                lease.Dispose();
            }

            foreach (var end in ended)
            {
                await _observers.EndedAsync(end);
            }

            if (running is not null)
            {
                await running.Ended.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Holds the thread's gate while no run of it is pending or executing.</summary>
    /// <exception cref="WeftException">There is one.</exception>
    internal async Task<ThreadGates.Lease> EnterQuietAsync(ThreadId threadId, CancellationToken cancellationToken)
    {
        var lease = await _recovery.EnterComparedAsync(threadId, cancellationToken);
        if (lease.Coordinator.IsIdle)
        {
            return lease;
        }

        lease.Dispose();
        throw WeftException.ThreadBusy(threadId);
    }

    private Task<ActiveRun> CreateAsync(Actor actor, RunSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(spec);
        return _admission.AdmitAsync(actor, spec, cancellationToken);
    }

    private async Task<ActiveRun?> FindActiveAsync(RunRecord run, CancellationToken cancellationToken)
    {
        using var lease = await _recovery.EnterAsync(run.ThreadId, cancellationToken);
        return lease.Coordinator.Find(run.RunId);
    }
}
