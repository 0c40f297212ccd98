using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Executes one run: stores its start, runs its graph, and passes its end to the session of its thread.</summary>
internal sealed partial class RunExecutor(
    IRunStore runs,
    ICheckpointStore checkpoints,
    IStreamEventStore streamEvents,
    EarlierUsage earlierUsage,
    RunPlanner planner,
    RunGraphOptions graphOptions,
    ThreadHeadCache heads,
    RunStreams streams,
    EventFeed feed,
    RunObservers observers,
    StopGuards guards,
    RunTelemetry telemetry,
    RunsOptions options,
    SharedClock time,
    SafeLogger<RunExecutor> logger) : IRunExecutor
{
    private readonly StoragePace _pace = new(options.StoredEventsInterval);

    public async Task ExecuteAsync(ActiveRun run, Action? progressed)
    {
        try
        {
            if (await TryStartAsync(run))
            {
                feed.Publish(FeedEvent.Of(FeedEventKind.RunStarted, run.Record, RunStatus.Running, time.GetUtcNow()));
                await RunToEndAsync(run, progressed);
            }
            else
            {
                // The run does not exist any more, or the thread has a running run that this server does not know.
                await run.Session.LoseAsync(run);
            }
        }
        catch (StaleAttemptException)
        {
            LogStale(run.RunId, run.Attempt);
            await run.Session.AbandonAsync(run);
        }
        catch (Exception e)
        {
            LogLost(run.RunId, e);
            await run.Session.LoseAsync(run);
        }
        finally
        {
            // The log may be kept longer than what wrote it.
            run.Stream.Sink = null;
            telemetry.Stopped(run);
        }
    }

    /// <summary>
    /// Stores the start of the run. Retries while storage is unavailable, and the run keeps its place in the meantime.
    /// </summary>
    private async Task<bool> TryStartAsync(ActiveRun run)
    {
        if (run.IsStarted)
        {
            return true;
        }

        // The same time for each try, so that a start is recognised whose answer was lost.
        var now = time.GetUtcNow();
        for (var backoff = new Backoff(time); ;)
        {
            try
            {
                var startOrder = await runs.TryStartAsync(run.AsAttempt, now, CancellationToken.None);
                run.Stream.StartOrder = startOrder ?? 0;
                if (startOrder is not null && run.Attempt > 1)
                {
                    await streams.CatchUpAsync(run.Stream, run.Record.Key, CancellationToken.None);
                }

                // A run that can't be read any more is taken over, and ends as that.
                return startOrder is not null && await run.TryRestoreInputAsync(runs);
            }
            catch (Exception e) when (!run.Session.IsStopping)
            {
                LogNotStarted(run.RunId, backoff.Next, e.Message, e is StorageUnavailableException ? null : e);
                await backoff.WaitAsync(run.CancelRequest is null ? run.StopToken : CancellationToken.None);
            }
        }
    }

    private async Task RunToEndAsync(ActiveRun run, Action? progressed)
    {
        var retrying = new RetryingCheckpointStore(checkpoints, progressed, time, run.StopToken);
        var checkpointer = new ThreadCheckpointer(retrying, heads, run.ThreadId, run.AsAttempt)
        {
            Kwargs = run.Record.Kwargs,
        };
        var sink = new RunSink(run, streamEvents, () => checkpointer.Head?.Tuple.Checkpoint, _pace, options, time);
        checkpointer.Events = sink;
        run.Stream.Sink = sink;
        sink.Emit(new RunStartedPart(run.RunId, run.ThreadId, run.Attempt) { GraphId = run.Plan?.Assistant.GraphId });
        streams.Threads.Begin(run.Stream);
        if (!run.Spec.RecordsThreadEvents && streams.IsKept(run))
        {
            // Readers came while the run was in the queue, or read an earlier attempt.
            _ = sink.KeepAsync(StreamModes.OfThreads, streams.StoredStreamOf);
        }

        var now = time.GetUtcNow();
        run.StartedAt = now;
        if (options.TimelineRetention > TimeSpan.Zero)
        {
            run.Timeline = new RunTimeline(time, run.Record.StartedAt is { } first && first < now ? now - first : TimeSpan.Zero);
        }

        telemetry.Started(run);
        var usage = new UsageCounter();
        GraphRunResult? result = null;
        Exception? failure = null;
        try
        {
            result = await ExecuteGraphAsync(run, checkpointer, sink, usage);
        }
        catch (Exception e) when (e is GraphMovedException
            || (run.StopToken.IsCancellationRequested && e is OperationCanceledException or StorageUnavailableException))
        {
            // The run was asked to stop or to leave. The code below decides how it ends.
        }
        catch (Exception e) when (e is not StaleAttemptException)
        {
            failure = e;
        }

        var isStopped = result is null && failure is null;
        if (isStopped && run.CancelRequest is null && run.Session.IsStopping)
        {
            await ReleaseAsync(run, sink);
            return;
        }

        var end = EndOf(run, result, failure);
        await earlierUsage.AddAsync(run, usage);
        var execution = new RunExecution(result, checkpointer, sink, await sink.TakeUnsavedAsync())
        {
            Usage = usage.Total,
            Timeline = run.Timeline,
        };
        await run.Session.EndAsync(run, end with { Execution = execution });
    }

    /// <summary>Runs all code that is not the server's own: observers, the graph's factory, its nodes.</summary>
    private Task<GraphRunResult> ExecuteGraphAsync(
        ActiveRun run, ThreadCheckpointer checkpointer, RunSink sink, UsageCounter usage)
    {
        if (run.CancelRequest is not null)
        {
            // The cancel was requested before this server took the run over.
            run.Stop();
        }

        run.StopToken.ThrowIfCancellationRequested();
        run.StopAfter(options.RunTimeout, time);
        var guard = guards.OfRun(run.RunId, run.ThreadId);
        return guard.RunAsync(
            async () =>
            {
                await observers.StartedAsync(run.Record, run.StopToken);
                var plan = run.Plan ??= planner.ResolveAgain(run.Record, run.Spec);
                var (input, checkpointId) = await ReadInputAsync(run, plan, checkpointer);
                var how = graphOptions.Make(run, plan, checkpointId, checkpointer, sink, guard, usage);
                return await plan.Graph.RunAsync(input, how, run.StopToken);
            },
            run.Stopped);
    }

    /// <summary>
    /// Returns the input of an attempt. The first attempt gets the run's input or command. A later one continues from the run's
    /// last checkpoint, if the run has stored one.
    /// </summary>
    private static async ValueTask<(GraphInput Input, string? CheckpointId)> ReadInputAsync(
        ActiveRun run, RunPlan plan, ThreadCheckpointer checkpointer)
    {
        if (run.Attempt > 1
            && await checkpointer.FindAsync(plan.Graph.Schema, "", null, run.StopToken) is { } head
            && head.Checkpoint.RunId == run.RunId.ToString()
            // A fork is stored before the command is applied.
            && (plan.Command is null || head.Checkpoint.Source != CheckpointSource.Fork))
        {
            return (GraphInput.Continue, null);
        }

        if (run.Spec.Questions == QuestionRule.NeedsNone
            && await checkpointer.FindAsync(plan.Graph.Schema, "", null, run.StopToken) is { } waiting
            && StateSnapshot.Of(plan.Graph, waiting).Interrupts.Any())
        {
            // A run before this one has asked since it was admitted.
            throw new ThreadWaitsException();
        }

        if (plan.Command is { } command)
        {
            return (command, run.Spec.CheckpointId);
        }

        if (run.Spec.Input is { } json)
        {
            return (GraphInput.FromStored(json), run.Spec.CheckpointId);
        }

        var startsEmpty = run.Spec.StartsWithoutInput
            && await checkpointer.FindAsync(plan.Graph.Schema, "", null, run.StopToken) is null;
        return (startsEmpty ? GraphInput.FromJson(GraphJson.EmptyObject) : GraphInput.Continue, run.Spec.CheckpointId);
    }

    private RunEnd EndOf(ActiveRun run, GraphRunResult? result, Exception? failure)
    {
        if (failure is not null)
        {
            return Failed(run, failure, RunStatus.Error);
        }

        if (result is not null)
        {
            return new RunEnd(RunStatus.Success, time.GetUtcNow());
        }

        return run.CancelRequest is { } request
            ? RunEnd.Cancelled(request, time.GetUtcNow())
            : Failed(run, new TimeoutException($"The run took longer than {options.RunTimeout}."), RunStatus.Timeout);
    }

    private RunEnd Failed(ActiveRun run, Exception failure, RunStatus status)
    {
        var (cause, node) = RunFailure.CauseOf(failure);
        LogFailed(run.RunId, run.ThreadId, run.Plan?.Assistant.GraphId, node, cause);
        telemetry.Failed(run, failure);
        var described = options.ShowExceptionText || status == RunStatus.Timeout
            ? RunFailure.Of(failure)
            : RunFailure.WithoutText(failure, run.RunId);
        return new RunEnd(status, time.GetUtcNow()) { Failure = described };
    }

    /// <summary>
    /// Puts the run back in the queue at shutdown. It continues from its last checkpoint when a server takes it over.
    /// </summary>
    private async Task ReleaseAsync(ActiveRun run, RunSink sink)
    {
        var unsaved = sink.ToBlocks(await sink.TakeUnsavedAsync());
        if (unsaved.Count > 0)
        {
            await streamEvents.AppendAsync(run.AsAttempt, unsaved, CancellationToken.None);
        }

        await runs.TryReleaseAsync(
            run.AsAttempt, TimelineCodec.Close(run.Attempt, run.Timeline), time.GetUtcNow(), CancellationToken.None);
        LogReleased(run.RunId);
        await run.Session.LoseAsync(run);
    }

    [LoggerMessage(2, LogLevel.Error, "Run {RunId} of thread {ThreadId} failed in graph {GraphId}, node {Node}.")]
    private partial void LogFailed(RunId runId, ThreadId threadId, string? graphId, string? node, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Attempt {Attempt} of run {RunId} no longer owns the run. The results of the attempt are dropped.")]
    private partial void LogStale(RunId runId, int attempt);

    [LoggerMessage(4, LogLevel.Warning, "The start of run {RunId} could not be stored; the next try is in {Wait}. {Reason}")]
    private partial void LogNotStarted(RunId runId, TimeSpan wait, string reason, Exception? exception);

    [LoggerMessage(5, LogLevel.Error, "Run {RunId} could not be executed to its end; it is taken over again.")]
    private partial void LogLost(RunId runId, Exception exception);

    [LoggerMessage(6, LogLevel.Information, "Put run {RunId} back in the queue.")]
    private partial void LogReleased(RunId runId);
}
