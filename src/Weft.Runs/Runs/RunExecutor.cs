using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Executes one run: from its start, through the graph, to the end that is stored before anyone is told.</summary>
internal sealed partial class RunExecutor(
    IRunStore runs,
    ICheckpointStore checkpoints,
    IStreamEventStore streamEvents,
    AssistantDirectory assistants,
    ThreadStandings standings,
    ThreadHeadCache heads,
    RunStreams streams,
    RunDispatcher dispatcher,
    RunScheduler scheduler,
    RunRecovery recovery,
    RunObservers observers,
    ItemsFacade items,
    StopGuards guards,
    RunsOptions options,
    IServiceProvider services,
    TimeProvider time,
    ILogger<RunExecutor> logger)
{
    /// <summary>Executes the run. Lets no exception out.</summary>
    public async Task ExecuteAsync(ActiveRun run)
    {
        try
        {
            if (await TryStartAsync(run))
            {
                await RunToEndAsync(run);
            }
            else
            {
                // It is gone, or another run of the thread executes that this server does not know of.
                await LoseAsync(run);
            }
        }
        catch (StaleAttemptException)
        {
            LogStale(run.RunId, run.Attempt);
            await AbandonAsync(run, goesOn: true);
        }
        catch (Exception e)
        {
            LogLost(run.RunId, e);
            await LoseAsync(run);
        }
    }

    /// <summary>Stores that the run is executed, however long storage does not let it; the run keeps its place meanwhile.</summary>
    private async Task<bool> TryStartAsync(ActiveRun run)
    {
        if (run.IsStarted)
        {
            return true;
        }

        for (var backoff = new Backoff(time); ;)
        {
            try
            {
                return await runs.TryStartAsync(new RunAttempt(run.ThreadId, run.RunId, run.Attempt), time.GetUtcNow(), CancellationToken.None);
            }
            catch (Exception e) when (!dispatcher.IsStopping)
            {
                LogNotStored("start", run.RunId, backoff.Next, e.Message, e is StorageUnavailableException ? null : e);
                await backoff.WaitAsync(run.CancelRequest is null ? run.StopToken : CancellationToken.None);
            }
        }
    }

    private async Task RunToEndAsync(ActiveRun run)
    {
        var assistant = assistants.Find(run.Spec.AssistantId);
        var checkpointer = new ThreadCheckpointer(CheckpointsOf(run), heads, run.ThreadId, new RunAttempt(run.ThreadId, run.RunId, run.Attempt));
        var sink = new RunSink(run, streamEvents, options, time) { FindHead = () => checkpointer.Head?.Tuple.Checkpoint };
        sink.Append(RunEvents.Metadata, RunPayloads.Metadata(run.RunId, run.ThreadId, run.Attempt));
        streams.Begin(run.Stream);
        run.StartedAt = time.GetUtcNow();
        LogStarted(run.RunId, run.ThreadId, run.Attempt);
        var timedOut = false;
        GraphRunResult? result = null;
        Exception? failure = null;
        try
        {
            if (run.CancelRequest is not null)
            {
                // Asked for before this server took the run up.
                run.Stop();
            }

            run.StopToken.ThrowIfCancellationRequested();
            run.StopAfter(options.RunTimeout, time);
            var guard = guards.OfRun(run.RunId, run.ThreadId);
            result = await guard.RunAsync(() => ExecuteGraphAsync(run, assistant, checkpointer, sink, guard), run.Stopped);
        }
        catch (Exception e) when (run.StopToken.IsCancellationRequested && e is OperationCanceledException or StorageUnavailableException)
        {
            timedOut = run.CancelRequest is null && !dispatcher.IsStopping;
        }
        catch (StaleAttemptException)
        {
            throw;
        }
        catch (Exception e)
        {
            failure = e;
        }

        if (run.StopToken.IsCancellationRequested && result is null && failure is null && run.CancelRequest is null && !timedOut)
        {
            await ReleaseAsync(run, sink);
            return;
        }

        await EndAsync(run, assistant, checkpointer, sink, result, timedOut ? new TimeoutException($"The run took longer than {options.RunTimeout}.") : failure, timedOut);
    }

    /// <summary>Runs all code that is not the server's own: observers, the graph's factory, its nodes.</summary>
    private async Task<GraphRunResult> ExecuteGraphAsync(ActiveRun run, AssistantRecord? assistant, ThreadCheckpointer checkpointer, RunSink sink, StopGuard guard)
    {
        await observers.StartedAsync(run.Record, run.StopToken);
        if (assistant is null)
        {
            throw new InvalidOperationException("The graph of this run is no longer served.");
        }

        var spec = run.Spec;
        var configurable = RunMetadata.Configurable(run.Record, spec, assistant);
        var graph = assistant.Graph.Make(configurable);
        var (input, checkpointId) = await ReadInputAsync(run, graph, checkpointer);
        return await graph.RunAsync(
            input,
            new GraphRunOptions
            {
                Checkpointer = checkpointer,
                CheckpointId = checkpointId,
                Durability = spec.Durability,
                RecursionLimit = spec.RecursionLimit,
                InterruptBefore = spec.InterruptBefore,
                InterruptAfter = spec.InterruptAfter,
                Modes = spec.RecordsAllModes ? StreamModes.Recorded : StreamModes.Parse(spec.StreamModes),
                StreamSubgraphs = spec.StreamSubgraphs,
                Tags = RunMetadata.Tags(spec.Config),
                Sink = sink,
                ThreadId = run.ThreadId.Value,
                RunId = run.RunId.ToString(),
                Configurable = configurable,
                Context = spec.Context,
                Metadata = RunMetadata.OfCheckpoints(run.Record, run.Attempt, spec.Config, assistant),
                Actor = run.Record.Owner is { Length: > 0 } actor ? actor : null,
                Store = items.For(new Actor(run.Record.Owner)),
                Services = services,
                Guard = guard,
                DescribeError = options.ShowExceptionText ? null : error => RunFailure.WithoutText(error, run.RunId).Message,
                Time = time,
            },
            run.StopToken);
    }

    /// <summary>
    /// A first attempt takes the input in; a later one goes on from the last checkpoint that the run has left, if it has left
    /// any.
    /// </summary>
    private static async ValueTask<(GraphInput Input, string? CheckpointId)> ReadInputAsync(ActiveRun run, CompiledGraph graph, ThreadCheckpointer checkpointer)
    {
        var spec = run.Spec;
        if (run.Attempt > 1
            && await checkpointer.FindAsync(graph.Schema, "", null, run.StopToken) is { } head
            && head.Checkpoint.RunId == run.RunId.ToString()
            // A copy of a past checkpoint is made before the command is taken in.
            && (spec.Command is null || head.Checkpoint.Source != CheckpointSource.Fork))
        {
            return (GraphInput.Continue, null);
        }

        var input = spec.Command is { } command ? CommandJson.Read(graph, command, spec.StrictResume)
            : spec.Input is { } json ? GraphInput.FromJson(json)
            : spec.StartsWithoutInput && await checkpointer.FindAsync(graph.Schema, "", null, run.StopToken) is null ? GraphInput.FromJson(GraphJson.EmptyObject)
            : GraphInput.Continue;
        return (input, spec.CheckpointId);
    }

    private async Task EndAsync(
        ActiveRun run, AssistantRecord? assistant, ThreadCheckpointer checkpointer, RunSink sink, GraphRunResult? result, Exception? failure, bool timedOut)
    {
        var described = failure is null ? null : options.ShowExceptionText || timedOut ? RunFailure.Of(failure) : RunFailure.WithoutText(failure, run.RunId);
        var cancel = result is null && failure is null ? run.CancelRequest : null;
        var status = timedOut ? RunStatus.Timeout : described is not null ? RunStatus.Error : cancel is not null ? RunStatus.Interrupted : RunStatus.Success;
        if (described is not null)
        {
            var (cause, node) = RunFailure.CauseOf(failure!);
            LogFailed(run.RunId, run.ThreadId, assistant?.Graph.GraphId, node, cause);
            sink.Append(RunEvents.Error, RunPayloads.Error(described.Name, described.Message));
        }

        var unsaved = await TakeUnsavedAsync(run, sink);
        var now = time.GetUtcNow();
        for (var backoff = new Backoff(time); ;)
        {
            try
            {
                if (await StoreEndAsync(run, assistant, checkpointer, sink, result, described, cancel, status, unsaved, now) is { } outcome)
                {
                    // Outside of the thread's gate: an observer may take its time, or do something with the thread.
                    await observers.EndedAsync(new RunEnd(run.Record with { Status = status, UpdatedAt = now, Attempt = run.Attempt }, outcome));
                }

                return;
            }
            catch (Exception e) when (e is not StaleAttemptException && !dispatcher.IsStopping)
            {
                // A full disk, say. The run keeps its thread until its end is stored: nothing may begin on top of it.
                LogNotStored("end", run.RunId, backoff.Next, e.Message, e is StorageUnavailableException ? null : e);
                await backoff.WaitAsync(CancellationToken.None);
            }
        }
    }

    /// <summary>Stores the end, then tells those who wait; null when the run is another attempt's.</summary>
    private async Task<RunOutcome?> StoreEndAsync(
        ActiveRun run,
        AssistantRecord? assistant,
        ThreadCheckpointer checkpointer,
        RunSink sink,
        GraphRunResult? result,
        RunFailure? described,
        CancelRequest? cancel,
        RunStatus status,
        IReadOnlyList<RunEvent> unsaved,
        DateTimeOffset now)
    {
        using var lease = await dispatcher.Gates.EnterAsync(run.ThreadId, CancellationToken.None);
        var coordinator = lease.Coordinator;
        var isBusy = coordinator.Pending.Count > 0;
        var (name, payload) = cancel is { } request ? (RunEvents.Cancel, RunPayloads.Cancel(request.Action)) : (RunEvents.End, RunPayloads.End(run.RunId, status));
        var end = new RunEvent(run.Stream.NextSeq + unsaved.Count, name, payload, now);
        var isTemporary = run.Spec is { ThreadId: null, KeepThread: false };
        bool stored;
        ChannelValues? values = result?.Values;
        IReadOnlyList<Interrupt>? interrupts = result is { IsPaused: true } ? result.Interrupts : null;
        if (cancel is { Action: CancelAction.Rollback } && (isBusy || !isTemporary))
        {
            heads.Remove(run.ThreadId);
            var before = await standings.FindHeadWithoutAsync(run.Record);
            stored = await runs.DeleteAsync(run.Record.Key, run.Attempt, OutcomeOf(run, before, null, isBusy), now, CancellationToken.None) == WriteResult.Applied;
            heads.Remove(run.ThreadId);
            values = before?.Checkpoint.Values;
        }
        else
        {
            var head = result?.Head ?? checkpointer.Head?.Tuple ?? await standings.FindHeadAsync(run.Record, CancellationToken.None);
            values ??= head?.Checkpoint.Values;
            stored = await runs.TryFinishAsync(
                new RunFinish
                {
                    ThreadId = run.ThreadId,
                    RunId = run.RunId,
                    Attempt = run.Attempt,
                    Status = status,
                    Error = described?.Message ?? cancel?.Reason,
                    Thread = OutcomeOf(run, head, described, isBusy),
                    InputCheckpointId = checkpointer.InputId,
                    DeleteThread = isTemporary && !isBusy,
                    Events = [RunEnding.EndedEvent(run.RunId, status, now)],
                    StreamEvents = run.Spec.StreamResumable ? sink.ToRecords(unsaved.Append(end)) : [],
                    Now = now,
                },
                CancellationToken.None);
            if (isTemporary)
            {
                heads.Remove(run.ThreadId);
            }
        }

        var outcome = new RunOutcome(status, values, interrupts, described) { StartedAt = run.StartedAt };
        if (stored)
        {
            run.Stream.Append([.. unsaved, end]);
        }
        else
        {
            LogStale(run.RunId, run.Attempt);
            run.Stream.Abandon();
        }

        streams.Retire(run.Stream);
        coordinator.Remove(run);
        run.End(outcome);
        dispatcher.Dispatch(run.ThreadId, coordinator);
        return stored ? outcome : null;
    }

    /// <summary>How the thread stands (protocol, section C2), first match wins.</summary>
    private ThreadOutcome OutcomeOf(ActiveRun run, CheckpointTuple? head, RunFailure? failure, bool isBusy) =>
        ThreadOutcomes.Of(standings.SnapshotOf(run.Record, head), failure?.Message, isBusy);

    private static async Task<IReadOnlyList<RunEvent>> TakeUnsavedAsync(ActiveRun run, RunSink sink) =>
        run.Spec.StreamResumable ? await sink.TakeUnsavedAsync() : [];

    /// <summary>At shutdown: puts the run back in the queue; it goes on from its last checkpoint when a server takes it up.</summary>
    private async Task ReleaseAsync(ActiveRun run, RunSink sink)
    {
        var unsaved = await TakeUnsavedAsync(run, sink);
        var attempt = new RunAttempt(run.ThreadId, run.RunId, run.Attempt);
        if (unsaved.Count > 0)
        {
            await streamEvents.AppendAsync(attempt, sink.ToRecords(unsaved), CancellationToken.None);
        }

        await runs.TryReleaseAsync(attempt, time.GetUtcNow(), CancellationToken.None);
        LogReleased(run.RunId);
        await AbandonAsync(run, goesOn: false);
    }

    private PatientCheckpoints CheckpointsOf(ActiveRun run) =>
        new(checkpoints, run.IsSuspect ? () => scheduler.Clear(run) : null, time, run.StopToken);

    /// <summary>Gives up a run that is unfinished in the database, so that it is taken up again, with those that wait behind it.</summary>
    private async Task LoseAsync(ActiveRun run)
    {
        await AbandonAsync(run, goesOn: false);
        if (!dispatcher.IsStopping)
        {
            recovery.Suspect();
        }
    }

    /// <summary>Gives up a run that this server does not own any more.</summary>
    private async Task AbandonAsync(ActiveRun run, bool goesOn)
    {
        using var lease = await dispatcher.Gates.EnterAsync(run.ThreadId, CancellationToken.None);
        heads.Remove(run.ThreadId);
        lease.Coordinator.Remove(run);
        run.Stream.Abandon();
        streams.Remove(run.RunId);
        run.End(new RunOutcome(RunStatus.Pending, null, null, null));
        if (goesOn && !dispatcher.IsStopping)
        {
            dispatcher.Dispatch(run.ThreadId, lease.Coordinator);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Started run {RunId} of thread {ThreadId}, attempt {Attempt}.")]
    private partial void LogStarted(RunId runId, ThreadId threadId, int attempt);

    [LoggerMessage(2, LogLevel.Error, "Run {RunId} of thread {ThreadId} failed; the graph: {GraphId}, the node: {Node}.")]
    private partial void LogFailed(RunId runId, ThreadId threadId, string? graphId, string? node, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Attempt {Attempt} of run {RunId} no longer owns the run; what it did since is dropped.")]
    private partial void LogStale(RunId runId, int attempt);

    [LoggerMessage(4, LogLevel.Warning, "The {What} of run {RunId} could not be stored; the next try is in {Wait}. {Reason}")]
    private partial void LogNotStored(string what, RunId runId, TimeSpan wait, string reason, Exception? exception);

    [LoggerMessage(5, LogLevel.Error, "Run {RunId} could not be executed to its end; it is taken up again.")]
    private partial void LogLost(RunId runId, Exception exception);

    [LoggerMessage(6, LogLevel.Information, "Put run {RunId} back in the queue.")]
    private partial void LogReleased(RunId runId);
}
