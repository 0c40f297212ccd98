using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>All that is done with runs: create, stream, wait, join, cancel, look up, delete.</summary>
public sealed class RunsFacade
{
    private readonly IRunStore _runs;
    private readonly IThreadStore _threads;
    private readonly ICheckpointStore _checkpoints;
    private readonly IRunEventStore _events;
    private readonly AssistantDirectory _assistants;
    private readonly RunDispatcher _dispatcher;
    private readonly RunStreams _streams;
    private readonly ThreadHeadCache _heads;
    private readonly RunsOptions _options;
    private readonly TimeProvider _time;

    internal RunsFacade(
        IRunStore runs,
        IThreadStore threads,
        ICheckpointStore checkpoints,
        IRunEventStore events,
        AssistantDirectory assistants,
        RunDispatcher dispatcher,
        RunStreams streams,
        ThreadHeadCache heads,
        RunsOptions options,
        TimeProvider time)
    {
        _runs = runs;
        _threads = threads;
        _checkpoints = checkpoints;
        _events = events;
        _assistants = assistants;
        _dispatcher = dispatcher;
        _streams = streams;
        _heads = heads;
        _options = options;
        _time = time;
    }

    /// <summary>Creates a run. It is stored when this returns, and executes on its own.</summary>
    /// <exception cref="WeftException">The thread is unknown, or busy and the strategy is reject, or its queue is full.</exception>
    public async Task<RunRecord> CreateBackgroundAsync(Actor actor, RunSpec spec, CancellationToken cancellationToken) =>
        (await CreateAsync(actor, spec, cancellationToken)).Record;

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
    /// <param name="modes">As <see cref="RunStream.Read"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RunStreamReader> JoinStreamAsync(RunRecord run, long? after, IReadOnlyList<string>? modes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        return (await _streams.OpenAsync(run, cancellationToken)).Read(after, modes);
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

        var assistant = _assistants.Find(run.AssistantId);
        var head = assistant is null ? null : await new ThreadCheckpointer(_checkpoints, _heads, run.ThreadId).FindAsync(assistant.Graph.Graph.Schema, "", null, cancellationToken);
        var snapshot = assistant is null || head is null ? null : StateSnapshot.Of(assistant.Graph.Graph, head);
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
        using var lease = await _dispatcher.Gates.EnterAsync(run.ThreadId, cancellationToken);
        var request = new CancelRequest(action, reason);
        if (lease.Coordinator.Find(run.RunId) is not { } active)
        {
            // It has ended, or this server has let go of it and the next one takes it up.
            return await _runs.TryRequestCancelAsync(run.RunId, request, _time.GetUtcNow(), cancellationToken);
        }

        await CancelAsync(lease.Coordinator, active, request);
        return true;
    }

    /// <summary>Cancels all of the actor's runs that have not ended, or those of one status.</summary>
    public async Task CancelAllAsync(Actor actor, RunStatus? status, CancelAction action, CancellationToken cancellationToken)
    {
        // The newest first: a run that waits must not start because the one before it was cancelled.
        foreach (var run in (await _runs.ListUnfinishedAsync(cancellationToken)).Reverse())
        {
            if ((status is null || run.Status == status) && await _runs.FindAsync(actor, run.RunId, cancellationToken) is not null)
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

        using var lease = await _dispatcher.Gates.EnterAsync(run.ThreadId, cancellationToken);
        if (lease.Coordinator.Running is not null)
        {
            throw new WeftException(ProblemKind.Conflict, $"Thread {run.ThreadId} has a run that executes; another of its runs can be deleted when that one has ended.");
        }

        var assistant = _assistants.Find(run.AssistantId);
        var isBusy = !lease.Coordinator.IsIdle;
        var head = assistant is null ? null : await FindHeadWithoutAsync(run, assistant);
        var outcome = ThreadOutcomes.Of(assistant is null || head is null ? null : StateSnapshot.Of(assistant.Graph.Graph, head), null, isBusy);
        var deleted = await _runs.DeleteAsync(run.ThreadId, run.RunId, outcome, _time.GetUtcNow(), CancellationToken.None);
        _heads.Remove(run.ThreadId);
        _streams.Remove(run.RunId);
        return deleted;
    }

    /// <summary>Cancels the thread's runs and waits until none executes; then holds its gate, so that none begins.</summary>
    internal async Task<ThreadGates.Lease> EnterIdleAsync(ThreadId threadId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var lease = await _dispatcher.Gates.EnterAsync(threadId, cancellationToken);
            if (lease.Coordinator.IsIdle)
            {
                return lease;
            }

            var running = lease.Coordinator.Running;
            try
            {
                foreach (var run in lease.Coordinator.InFlight())
                {
                    await CancelAsync(lease.Coordinator, run, new CancelRequest(CancelAction.Interrupt));
                }
            }
            finally
            {
                lease.Dispose();
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
        var lease = await _dispatcher.Gates.EnterAsync(threadId, cancellationToken);
        if (lease.Coordinator.IsIdle)
        {
            return lease;
        }

        lease.Dispose();
        throw new WeftException(ProblemKind.Conflict, $"Thread {threadId} has a run that has not ended; its state can be edited when none runs.");
    }

    /// <summary>Takes up a run that a server left unfinished; one that was begun too often is ended.</summary>
    internal async Task RecoverAsync(RunRecord record, CancellationToken cancellationToken)
    {
        using var lease = await _dispatcher.Gates.EnterAsync(record.ThreadId, cancellationToken);
        if (lease.Coordinator.Find(record.RunId) is not null)
        {
            return;
        }

        var spec = RunKwargs.Read(record);
        var stream = await _streams.ReopenAsync(record, spec, cancellationToken);
        var run = new ActiveRun(record, spec.KeepThread ? spec : spec with { ThreadId = null }, stream, isStarted: false);
        if (record is { Status: RunStatus.Running, CancelRequest: null } && record.Attempt >= _options.AttemptsMax)
        {
            await GiveUpAsync(run);
            return;
        }

        lease.Coordinator.Add(run);
        _dispatcher.Dispatch(record.ThreadId, lease.Coordinator);
    }

    private async Task<ActiveRun?> FindActiveAsync(RunRecord run, CancellationToken cancellationToken)
    {
        using var lease = await _dispatcher.Gates.EnterAsync(run.ThreadId, cancellationToken);
        return lease.Coordinator.Find(run.RunId);
    }

    private async Task GiveUpAsync(ActiveRun run)
    {
        var failure = new RunFailure("AttemptsExhaustedError", $"The run was begun {run.Record.Attempt} times, and each time its server died.");
        var now = _time.GetUtcNow();
        run.Stream.Append(RunEvents.Error, RunPayloads.Error(failure.Name, failure.Message), now);
        await _runs.TryFinishAsync(
            new RunFinish
            {
                ThreadId = run.ThreadId,
                RunId = run.RunId,
                Attempt = run.Record.Attempt,
                Status = RunStatus.Error,
                Error = failure.Message,
                Thread = await StandingAsync(run) with { Status = ThreadStatus.Error, Error = failure.Message },
                Now = now,
            },
            CancellationToken.None);
        run.Stream.Append(RunEvents.End, RunPayloads.End(run.RunId, RunStatus.Error), now, ends: true);
        _streams.Retire(run.Stream);
        run.End(new RunOutcome(RunStatus.Error, null, null, failure));
    }

    private async Task<ActiveRun> CreateAsync(Actor actor, RunSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(spec);
        var assistant = _assistants.Find(spec.AssistantId) ?? throw new WeftException(ProblemKind.NotFound, $"No assistant found for \"{spec.AssistantId}\".", "assistant_id");
        var threadId = spec.ThreadId ?? ThreadId.New(_time);
        using var lease = await _dispatcher.Gates.EnterAsync(threadId, cancellationToken);
        var coordinator = lease.Coordinator;
        var thread = spec.ThreadId is null ? null : await _threads.FindAsync(actor, threadId, cancellationToken);
        if (spec.ThreadId is not null && thread is null && !(spec.CreateThread && coordinator.IsIdle))
        {
            // One that has runs is another actor's: not even that it is busy is told.
            throw WeftException.ThreadNotFound(threadId);
        }

        var admission = coordinator.Admit(spec.MultitaskStrategy);
        if (!admission.IsAdmitted)
        {
            throw new WeftException(ProblemKind.Conflict, $"Thread {threadId} already has a run that has not ended. Wait for it, or choose another multitask strategy.", "multitask_strategy");
        }

        // A run that sets the others aside does not wait behind them.
        if (admission.Cancelled.Count == 0 && coordinator.Pending.Count >= _options.QueuedRunsPerThreadMax)
        {
            throw new WeftException(ProblemKind.Conflict, $"Thread {threadId} has {coordinator.Pending.Count} runs waiting, as many as it may.");
        }

        var underlying = thread is null || thread.Config.Length <= 2 ? assistant.Graph.Config : ConfigMerge.Deep(assistant.Graph.Config, GraphJson.Parse(Encoding.UTF8.GetBytes(thread.Config)));
        spec = spec with { Config = ConfigMerge.Deep(underlying, spec.Config), Context = ConfigMerge.Shallow(assistant.Graph.Context, spec.Context) };
        if (spec.CheckpointId is not null && await _checkpoints.FindAsync(threadId, "", spec.CheckpointId, cancellationToken) is null)
        {
            throw new WeftException(ProblemKind.NotFound, $"Thread {threadId} has no checkpoint {spec.CheckpointId}", "checkpoint_id");
        }

        var now = _time.GetUtcNow();
        // A run that may start at once is stored as started, which saves a commit.
        var startsNow = coordinator.IsIdle && spec.After is null && !_dispatcher.IsStopping;
        var record = new RunRecord
        {
            RunId = RunId.New(_time),
            ThreadId = threadId,
            AssistantId = assistant.AssistantId,
            Status = startsNow ? RunStatus.Running : RunStatus.Pending,
            Attempt = startsNow ? 1 : 0,
            Metadata = RunMetadata.OfRun(spec, assistant),
            MultitaskStrategy = spec.MultitaskStrategy,
            Kwargs = RunKwargs.Write(spec),
            NotBefore = now + spec.After,
            CreatedAt = now,
            UpdatedAt = now,
        };
        var created = await _runs.CreateAsync(
            new RunCreation
            {
                Actor = actor,
                Run = record,
                NewThread = spec.CreateThread && thread is null ? new ThreadRecord { ThreadId = threadId, Owner = actor.Id, CreatedAt = now, UpdatedAt = now } : null,
                ThreadMetadata = RunMetadata.OfThread(assistant),
                ThreadConfig = ConfigText(spec.Config),
            },
            CancellationToken.None);
        if (created == RunCreated.ThreadMissing)
        {
            throw WeftException.ThreadNotFound(threadId);
        }

        var run = new ActiveRun(record, spec, _streams.Create(record.RunId, threadId, spec.StreamModes), startsNow);
        coordinator.Add(run);
        try
        {
            foreach (var earlier in admission.Cancelled)
            {
                await CancelAsync(coordinator, earlier, new CancelRequest(admission.Action, "Another run took its place."));
            }
        }
        finally
        {
            // The run is stored: it has its turn, whatever becomes of the others.
            _dispatcher.Dispatch(threadId, coordinator);
        }

        return run;
    }

    /// <summary>Under the thread's gate: stops what executes, ends or removes what waits.</summary>
    private async Task CancelAsync(ThreadCoordinator coordinator, ActiveRun run, CancelRequest request)
    {
        var now = _time.GetUtcNow();
        if (ReferenceEquals(coordinator.Running, run))
        {
            if (run.CancelRequest is null)
            {
                await _runs.TryRequestCancelAsync(run.RunId, request, now, CancellationToken.None);
                run.Cancel(request);
            }

            return;
        }

        run.Cancel(request);
        var leavesIdle = coordinator.Running is null && coordinator.Pending.Count == 1;
        var isTemporary = run.Spec is { ThreadId: null, KeepThread: false };
        if (request.Action == CancelAction.Rollback && !isTemporary)
        {
            await _runs.DeleteAsync(run.ThreadId, run.RunId, leavesIdle ? await StandingAsync(run) : null, now, CancellationToken.None);
        }
        else
        {
            await _runs.TryFinishAsync(
                new RunFinish
                {
                    ThreadId = run.ThreadId,
                    RunId = run.RunId,
                    Attempt = run.Record.Status == RunStatus.Running ? run.Record.Attempt : null,
                    Status = RunStatus.Interrupted,
                    Error = request.Reason,
                    Thread = leavesIdle ? await StandingAsync(run) : null,
                    DeleteThread = isTemporary,
                    Now = now,
                },
                CancellationToken.None);
        }

        // Only now: had the write failed, the run would still be in its place.
        coordinator.Remove(run);
        run.Stream.Append(RunEvents.Cancel, RunPayloads.Cancel(request.Action), now, ends: true);
        _streams.Retire(run.Stream);
        run.End(new RunOutcome(RunStatus.Interrupted, null, null, null));
        _dispatcher.Dispatch(run.ThreadId, coordinator);
    }

    private async Task<ThreadOutcome> StandingAsync(ActiveRun run)
    {
        var assistant = _assistants.Find(run.Spec.AssistantId);
        var head = assistant is null ? null : await new ThreadCheckpointer(_checkpoints, _heads, run.ThreadId).FindAsync(assistant.Graph.Graph.Schema, "", null, CancellationToken.None);
        return ThreadOutcomes.Of(assistant is null || head is null ? null : StateSnapshot.Of(assistant.Graph.Graph, head), null, isBusy: false) with { StateChanged = false };
    }

    private async Task<CheckpointTuple?> FindHeadWithoutAsync(RunRecord run, AssistantRecord assistant)
    {
        var id = run.RunId.ToString();
        await foreach (var tuple in new ThreadCheckpointer(_checkpoints, _heads, run.ThreadId).ReadAsync(assistant.Graph.Graph.Schema, "", null, CancellationToken.None))
        {
            if (tuple.Checkpoint.RunId != id)
            {
                return tuple;
            }
        }

        return null;
    }

    /// <summary>The part of a run's config that its thread keeps for the next one.</summary>
    private static string ConfigText(JsonElement config) => config.GetRawText();
}
