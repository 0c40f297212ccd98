using Weft.Graphs;

namespace Weft.Runs;

/// <summary>All that is done with runs: create, stream, wait, join, cancel, look up, delete.</summary>
public sealed class RunsFacade
{
    private const int PageSize = 200;

    private readonly IRunStore _runs;
    private readonly IRunEventStore _events;
    private readonly IThreadHomes _homes;
    private readonly ThreadOutcomes _outcomes;
    private readonly AssistantDirectory _assistants;
    private readonly TimeProvider _time;

    internal RunsFacade(
        IRunStore runs, IRunEventStore events, IThreadHomes homes, ThreadOutcomes outcomes, AssistantDirectory assistants, TimeProvider time)
    {
        _runs = runs;
        _events = events;
        _homes = homes;
        _outcomes = outcomes;
        _assistants = assistants;
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
        if (specs.Count == 0)
        {
            return [];
        }

        var runs = await _homes.Of(ThreadId.New(_time)).AdmitAllAsync(actor, specs, cancellationToken);
        return [.. runs.Select(run => run.Record)];
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
        return (await _homes.Of(run.ThreadId).OpenStreamAsync(run, cancellationToken)).Read(after, modes, createdAtMs);
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
        var home = _homes.Of(threadId);
        var run = last is { } given ? await FindAsync(actor, threadId, given.RunId, cancellationToken) : null;
        return run is null
            ? home.Follow(threadId, null, fromStart || last is not null, modes)
            : home.Follow(threadId, (await home.OpenStreamAsync(run, cancellationToken), last!.Value.Seq), fromStart, modes);
    }

    /// <summary>Waits for the end of a run; for one that has ended the outcome is the thread's values of now.</summary>
    public async Task<RunOutcome> JoinWaitAsync(Actor actor, RunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(run);
        if (await _homes.Of(run.ThreadId).FindAsync(run, cancellationToken) is { } active)
        {
            return await active.Ended.WaitAsync(cancellationToken);
        }

        if (run.Status is RunStatus.Pending or RunStatus.Running)
        {
            // It has ended since it was looked up; one that was rolled back is gone.
            run = await _runs.FindAsync(actor, run.RunId, cancellationToken) ?? run with { Status = RunStatus.Interrupted };
        }

        var graph = _assistants.GraphOf(run);
        var head = await _outcomes.FindHeadAsync(run.ThreadId, graph, cancellationToken);
        var snapshot = head is null ? null : StateSnapshot.Of(graph, head);
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
        return await _homes.Of(run.ThreadId).CancelAsync(run, new CancelRequest(action, reason), cancellationToken);
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
        return await _homes.Of(run.ThreadId).DeleteAsync(run, cancellationToken);
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

    private Task<IRunHandle> CreateAsync(Actor actor, RunSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(spec);
        var threadId = spec.ThreadId ?? ThreadId.New(_time);
        return _homes.Of(threadId).AdmitAsync(actor, spec, threadId, cancellationToken);
    }
}
