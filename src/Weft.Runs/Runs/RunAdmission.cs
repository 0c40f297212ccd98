using System.Text;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Takes in new runs: checks each against its thread, stores it, then gives it its turn.</summary>
internal sealed class RunAdmission(
    IRunStore runs,
    IThreadStore threads,
    ICheckpointStore checkpoints,
    AssistantDirectory assistants,
    RunCancellation cancellation,
    RunObservers observers,
    RunRecovery recovery,
    RunDispatcher dispatcher,
    RunStreams streams,
    RunsOptions options,
    TimeProvider time)
{
    /// <summary>Takes in one run. It is stored when this returns.</summary>
    public async Task<ActiveRun> AdmitAsync(Actor actor, RunSpec spec, CancellationToken cancellationToken)
    {
        var threadId = spec.ThreadId ?? ThreadId.New(time);
        var ended = new List<RunEnd>();
        ActiveRun run;
        using (var lease = await recovery.EnterAsync(threadId, cancellationToken))
        {
            var admitted = await StoreAsync(actor, spec, threadId, lease.Coordinator, ended, cancellationToken);
            run = await BeginAsync(admitted, lease.Coordinator, ended);
        }

        foreach (var end in ended)
        {
            await observers.EndedAsync(end);
        }

        return run;
    }

    /// <summary>Takes in runs without a thread of their caller's: all of them, or none.</summary>
    public async Task<IReadOnlyList<ActiveRun>> AdmitAllAsync(Actor actor, IReadOnlyList<RunSpec> specs, CancellationToken cancellationToken)
    {
        EnsureRoom(specs.Count);
        var leases = new List<ThreadGates.Lease>(specs.Count);
        try
        {
            var admitted = new List<NewRun>(specs.Count);
            foreach (var spec in specs)
            {
                var threadId = ThreadId.New(time);
                leases.Add(await dispatcher.Gates.EnterAsync(threadId, cancellationToken));
                admitted.Add(await CheckAsync(actor, spec, threadId, leases[^1].Coordinator, [], cancellationToken));
            }

            await runs.CreateAllAsync([.. admitted.Select(run => run.Creation)], CancellationToken.None);
            return await Task.WhenAll(admitted.Select((run, i) => BeginAsync(run, leases[i].Coordinator, [])));
        }
        finally
        {
            foreach (var lease in leases)
            {
                lease.Dispose();
            }
        }
    }

    /// <summary>Checks the run and stores it, again if its thread has changed in the meantime.</summary>
    private async Task<NewRun> StoreAsync(
        Actor actor, RunSpec spec, ThreadId threadId, ThreadCoordinator coordinator, List<RunEnd> ended, CancellationToken cancellationToken)
    {
        while (true)
        {
            var admitted = await CheckAsync(actor, spec, threadId, coordinator, ended, cancellationToken);
            switch (await runs.CreateAsync(admitted.Creation, CancellationToken.None))
            {
                case RunCreated.Created:
                    return admitted;
                case RunCreated.ThreadMissing:
                    throw WeftException.ThreadNotFound(threadId);
            }
        }
    }

    private async Task<NewRun> CheckAsync(
        Actor actor, RunSpec spec, ThreadId threadId, ThreadCoordinator coordinator, List<RunEnd> ended, CancellationToken cancellationToken)
    {
        var assistant = assistants.Find(spec.AssistantId) ?? throw new WeftException(ProblemKind.NotFound, $"No assistant found for \"{spec.AssistantId}\".", "assistant_id");
        var thread = spec.ThreadId is null ? null : await threads.FindAsync(actor, threadId, cancellationToken);
        if (spec.ThreadId is not null && thread is null && !(spec.CreateThread && coordinator.IsIdle))
        {
            // One that has runs is another actor's: not even that it is busy is told.
            throw WeftException.ThreadNotFound(threadId);
        }

        if (thread?.Status == ThreadStatus.Busy && coordinator.IsIdle)
        {
            // A run of it is unfinished that nobody executes: the new one goes behind it.
            await recovery.TakeUpAsync(threadId, coordinator, ended, cancellationToken);
        }

        var admission = coordinator.Admit(spec.MultitaskStrategy);
        if (!admission.IsAdmitted)
        {
            throw new WeftException(ProblemKind.Conflict, $"Thread {threadId} already has a run that has not ended. Wait for it, or choose another multitask strategy.", "multitask_strategy");
        }

        // A run that sets the others aside does not wait behind them.
        if (admission.Cancelled.Count == 0 && coordinator.Pending.Count >= options.QueuedRunsPerThreadMax)
        {
            throw new WeftException(ProblemKind.Conflict, $"Thread {threadId} has {coordinator.Pending.Count} runs waiting, as many as it may.");
        }

        if (admission.Cancelled.Count == 0)
        {
            EnsureRoom(1);
        }

        if (spec.CheckpointId is not null && await checkpoints.FindAsync(threadId, "", spec.CheckpointId, cancellationToken) is null)
        {
            throw new WeftException(ProblemKind.NotFound, $"Thread {threadId} has no checkpoint {spec.CheckpointId}", "checkpoint_id");
        }

        spec = Configured(spec, thread, assistant);
        // A run that may start at once is stored as started, which saves a commit.
        var startsNow = coordinator.IsIdle && spec.After is null && !dispatcher.IsStopping;
        return new NewRun(Creation(actor, spec, threadId, thread, assistant, startsNow), spec, admission);
    }

    /// <summary>Checks that the server may have so many more runs: those that execute, and those that wait.</summary>
    private void EnsureRoom(int count)
    {
        if (dispatcher.Gates.Backlog.Count + count > (long)options.ConcurrentRunsMax + options.QueuedRunsMax)
        {
            throw new WeftException(ProblemKind.Overloaded, $"As many runs are waiting as this server holds ({options.QueuedRunsMax}). Try again later.");
        }
    }

    /// <summary>The run's own configuration over its thread's and its assistant's (protocol, section B5).</summary>
    private static RunSpec Configured(RunSpec spec, ThreadRecord? thread, AssistantRecord assistant)
    {
        var underlying = thread is null || thread.Config.Length <= 2
            ? assistant.Graph.Config
            : ConfigMerge.Deep(assistant.Graph.Config, ReservedNames.Remove(GraphJson.Parse(Encoding.UTF8.GetBytes(thread.Config))));
        return spec with { Config = ConfigMerge.Deep(underlying, spec.Config), Context = ConfigMerge.Shallow(assistant.Graph.Context, spec.Context) };
    }

    private RunCreation Creation(Actor actor, RunSpec spec, ThreadId threadId, ThreadRecord? thread, AssistantRecord assistant, bool startsNow)
    {
        var now = time.GetUtcNow();
        var metadata = RunMetadata.OfThread(assistant);
        return new RunCreation
        {
            Actor = actor,
            Run = new RunRecord
            {
                RunId = RunId.New(time),
                ThreadId = threadId,
                Owner = actor.Id,
                AssistantId = assistant.AssistantId,
                Status = startsNow ? RunStatus.Running : RunStatus.Pending,
                Attempt = startsNow ? 1 : 0,
                Metadata = RunMetadata.OfRun(spec, assistant),
                MultitaskStrategy = spec.MultitaskStrategy,
                Kwargs = RunKwargs.Write(spec),
                Headers = spec.Headers?.GetRawText(),
                NotBefore = now + spec.After,
                CreatedAt = now,
                UpdatedAt = now,
            },
            NewThread = spec.CreateThread && thread is null ? new ThreadRecord { ThreadId = threadId, Owner = actor.Id, Metadata = metadata, CreatedAt = now, UpdatedAt = now } : null,
            ThreadMetadata = thread is null ? null : MetadataChange.Merge(thread.Metadata, metadata),
            GraphConfig = assistant.Graph.MakeGraph is null ? null : spec.Config.GetRawText(),
        };
    }

    private async Task<ActiveRun> BeginAsync(NewRun stored, ThreadCoordinator coordinator, List<RunEnd> ended)
    {
        var record = stored.Creation.Run;
        var run = new ActiveRun(record, stored.Spec, streams.Create(record.RunId, record.ThreadId, stored.Spec), record.Status == RunStatus.Running)
        {
            DueUptime = Moment.Of(time).Uptime + stored.Spec.After,
        };
        coordinator.Add(run);
        try
        {
            foreach (var earlier in stored.Admission.Cancelled)
            {
                if (await cancellation.CancelAsync(coordinator, earlier, new CancelRequest(stored.Admission.Action, "Another run took its place.")) is { } end)
                {
                    ended.Add(end);
                }
            }
        }
        finally
        {
            // The run is stored: it has its turn, whatever becomes of the others.
            dispatcher.Dispatch(record.ThreadId, coordinator);
        }

        return run;
    }

    /// <summary>A run that may be stored.</summary>
    private readonly record struct NewRun(RunCreation Creation, RunSpec Spec, Admission Admission);
}
