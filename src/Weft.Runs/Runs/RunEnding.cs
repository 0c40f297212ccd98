using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Ends runs that have succeeded, failed or been cancelled. The end is stored first: the run's row, its thread, the last events.
/// Then readers and waiters are notified, and after the turn listeners and observers.
/// </summary>
internal sealed partial class RunEnding(
    IRunStore runs,
    ThreadOutcomes outcomes,
    AssistantDirectory assistants,
    ThreadHeadCache heads,
    RunStreams streams,
    RunWebhooks webhooks,
    EventFeed feed,
    RunObservers observers,
    RunsOptions options,
    SharedClock time,
    SafeLogger<RunEnding> logger,
    IMovedRuns? moved = null)
{
    /// <summary>
    /// Ends a run that the coordinator has. Returns <see langword="false"/> if the end was not stored, because another server has the run.
    /// </summary>
    public async Task<bool> EndAsync(ThreadTurn turn, ActiveRun run, RunEnd end)
    {
        if (run.Spec.Webhook is not null || observers.NeedInputs)
        {
            // They get the whole run. Afterwards it may be gone.
            await run.TryRestoreInputAsync(runs);
        }

        var isLast = IsLast(turn.Runs, run);
        var events = LastEvents(run, end);
        var (isStored, outcome) = IsRolledBack(run, end, isLast)
            ? await RollBackAsync(run, end, isLast)
            : await FinishAsync(run, end, events, isLast);
        if (isStored)
        {
            run.Stream.Append(events);
            if (end.Execution is null)
            {
                streams.Threads.Begin(run.Stream);
            }

            streams.Retire(run.Stream);
            Publish(run, end, isLast);
        }
        else
        {
            LogStale(run.RunId, run.Attempt);
            heads.Remove(run.ThreadId);
            streams.Remove(run.Stream);
            if (moved is null)
            {
                run.Stream.Abandon();
            }
        }

        // The run is removed after the write, so that it keeps its place if the write fails.
        turn.Runs.Remove(run);
        if (!isStored && moved is not null)
        {
            moved.Move(run);
            return false;
        }

        run.End(outcome);
        if (isStored)
        {
            if (end.Execution is null && !observers.NeedInputs)
            {
                // Many runs may be cancelled in one turn.
                run.EvictInput();
            }

            turn.AddEnded(run, EndedRecord(run, end), outcome);
        }

        return isStored;
    }

    /// <summary>
    /// Removes a run that does not execute, with its checkpoints. Returns <see langword="false"/> if it does not exist.
    /// </summary>
    /// <exception cref="WeftException">
    /// Another run of the thread executes, and it builds on the checkpoints to remove.
    /// </exception>
    public async Task<bool> DeleteAsync(ThreadTurn turn, RunRecord run)
    {
        if (turn.Runs.Running is not null)
        {
            throw new WeftException(
                ProblemKind.Conflict,
                $"Another run of thread {run.ThreadId} is running. Delete this run when that one has ended.");
        }

        var graph = assistants.GraphOf(run);
        var before = await outcomes.FindHeadWithoutAsync(run, graph);
        var outcome = outcomes.Of(graph, before, null, isBusy: !turn.Runs.IsIdle);
        var result = await DeleteAsync(run.Key, null, outcome, null, time.GetUtcNow());
        if (result == WriteResult.Busy)
        {
            throw WeftException.ThreadBusy(run.ThreadId);
        }

        streams.Remove(run.RunId);
        if (result == WriteResult.Applied)
        {
            feed.Publish(FeedEvent.Of(FeedEventKind.RunDeleted, run, null, feed.Now));
        }

        return result == WriteResult.Applied;
    }

    private static bool IsLast(ThreadCoordinator runs, ActiveRun run) =>
        (runs.Running is null || ReferenceEquals(runs.Running, run))
        && (runs.Pending.Count == 0 || runs.Pending is [var only] && ReferenceEquals(only, run));

    /// <summary>Whether the run is removed with its checkpoints.</summary>
    private static bool IsRolledBack(ActiveRun run, RunEnd end, bool isLast) =>
        end.Cancel is { Action: CancelAction.Rollback } && !(run.IsTemporary && isLast);

    /// <summary>Whether the thread is removed with the run.</summary>
    private bool DeletesThread(ActiveRun run, bool isLast) => run.IsTemporary && isLast && KeptFor(run) is null;

    private void Publish(ActiveRun run, RunEnd end, bool isLast)
    {
        var isRolledBack = IsRolledBack(run, end, isLast);
        var kind = isRolledBack ? FeedEventKind.RunDeleted
            : end.Execution?.Result is { IsPaused: true } ? FeedEventKind.RunPaused
            : FeedEventKind.RunEnded;
        feed.Publish(FeedEvent.Of(kind, run.Record, isRolledBack ? null : end.Status, end.At));
        if (!isRolledBack && DeletesThread(run, isLast))
        {
            feed.Publish(new FeedEvent(FeedEventKind.ThreadDeleted, run.Record.Owner, end.At) { ThreadId = run.ThreadId });
        }
    }

    private static RunEvent[] LastEvents(ActiveRun run, RunEnd end)
    {
        var seq = run.Stream.NextSeq;
        var unsaved = end.Execution?.Unsaved ?? [];
        var last = new RunEndPart(run.RunId, end.Status, end.Cancel?.Action)
        {
            IsPaused = end.Execution?.Result is { IsPaused: true },
            Failure = end.Failure,
            GraphId = run.Plan?.Assistant.GraphId ?? RunMetadata.FindGraphId(run.Record),
        };
        return end.Failure is { } failure
            ?
            [
                .. unsaved,
                new RunEvent(seq + unsaved.Count, new RunErrorPart(failure.Name, failure.Message), end.At),
                new RunEvent(seq + unsaved.Count + 1, last, end.At),
            ]
            : [.. unsaved, new RunEvent(seq + unsaved.Count, last, end.At)];
    }

    private static RunRecord EndedRecord(ActiveRun run, RunEnd end) => run.Record with
    {
        Status = end.Status,
        Error = end.Failure?.Message ?? end.Cancel?.Reason,
        ErrorName = end.Failure?.Name,
        StartedAt = run.Record.StartedAt ?? run.StartedAt,
        UpdatedAt = end.At,
        Attempt = end.Execution is null ? run.Record.Attempt : run.Attempt,
        Usage = end.Execution?.Usage,
    };

    private async Task<(bool IsStored, RunOutcome Outcome)> RollBackAsync(ActiveRun run, RunEnd end, bool isLast)
    {
        var setsOutcome = SetsOutcome(end, isLast);
        var graph = end.IgnoresState ? null : GraphOf(run);
        var attempt = AttemptOf(run, end);
        if (attempt is { } number)
        {
            await UndoAsync(run, number, graph);
        }

        var before = setsOutcome ? await outcomes.FindHeadWithoutAsync(run.Record, graph) : null;
        var ofThread = setsOutcome ? outcomes.Of(graph, before, null, isBusy: !isLast) : null;
        var outcome = OutcomeOf(run, end, end.Execution is null ? null : before?.Checkpoint.Values);
        var webhook = WebhookOf(run, end, outcome);
        var result = await DeleteAsync(run.Record.Key, attempt, ofThread, webhook, end.At);
        // A run that is missing was rolled back before, by a write whose answer was lost.
        return (result is WriteResult.Applied or WriteResult.Missing, outcome);
    }

    private async Task<WriteResult> DeleteAsync(
        RunKey run, int? attempt, ThreadOutcome? outcome, WebhookRecord? webhook, DateTimeOffset now)
    {
        try
        {
            return await runs.DeleteAsync(run, attempt, outcome, webhook, now, CancellationToken.None);
        }
        finally
        {
            heads.Remove(run.ThreadId);
            WakeFor(webhook);
        }
    }

    private async Task<(bool IsStored, RunOutcome Outcome)> FinishAsync(ActiveRun run, RunEnd end, RunEvent[] events, bool isLast)
    {
        var execution = end.Execution;
        var setsOutcome = SetsOutcome(end, isLast);
        var graph = end.IgnoresState ? null : GraphOf(run);
        var head = setsOutcome && !end.IgnoresState
            ? execution?.Head ?? await outcomes.FindHeadAsync(run.ThreadId, graph, CancellationToken.None)
            : null;
        var kept = KeptFor(run);
        var deletesThread = DeletesThread(run, isLast);
        // Set before the commit, so that a client always finds the run or its log.
        run.Stream.OutlivesThread = deletesThread;
        var outcome = OutcomeOf(run, end, execution is null ? null : execution.Result?.Values ?? head?.Checkpoint.Values);
        var webhook = WebhookOf(run, end, outcome);
        var version = await runs.TryFinishAsync(
            new RunFinish
            {
                ThreadId = run.ThreadId,
                RunId = run.RunId,
                Attempt = AttemptOf(run, end),
                Status = end.Status,
                Error = end.Failure?.Message ?? end.Cancel?.Reason,
                ErrorName = end.Failure?.Name,
                Thread = setsOutcome
                    ? outcomes.Of(graph, head, end.Failure?.Message, isBusy: !isLast) with { StateChanged = execution is not null }
                    : null,
                Input = execution?.Checkpointer.Input,
                DropInput = end.DropsInput,
                Usage = execution?.Usage,
                DeleteThread = deletesThread,
                Timeline = deletesThread ? null : TimelineCodec.Close(run.Attempt, execution?.Timeline),
                ThreadTtl = run.IsTemporary && isLast && kept is { } lifetime ? new ThreadTtl(lifetime, PruneStrategy.Delete) : null,
                StreamEvents = run.Stream.Store is null ? [] : execution?.Sink.ToBlocks(events) ?? new BlockEncoder().Encode(events),
                Webhook = webhook,
                Now = end.At,
            },
            CancellationToken.None);
        WakeFor(webhook);
        if (run.IsTemporary)
        {
            heads.Remove(run.ThreadId);
        }
        else if (execution?.Checkpointer.Head is { } newest)
        {
            heads.Stamp(run.ThreadId, newest, version ?? 0);
        }

        return (version is not null, outcome);
    }

    private WebhookRecord? WebhookOf(ActiveRun run, RunEnd end, RunOutcome outcome) =>
        run.Spec.Webhook is null ? null : webhooks.Of(EndedRecord(run, end), run.Spec, outcome);

    /// <summary>
    /// Wakes the sender even if the end was refused, because an earlier try may have stored it whose answer was lost.
    /// </summary>
    private void WakeFor(WebhookRecord? webhook)
    {
        if (webhook is not null)
        {
            webhooks.Wake();
        }
    }

    /// <summary>
    /// Returns how long a temporary thread is kept: as long as the stream of its run can be read again, and as long as feedback can
    /// be given with a URL. Null means that it is deleted now.
    /// </summary>
    private TimeSpan? KeptFor(ActiveRun run)
    {
        TimeSpan? stream = run.Stream.Store is not null ? options.ResumableStreamRetention : null;
        TimeSpan? feedback = run.Spec.FeedbackKeys.Count > 0 ? options.FeedbackUrlLifetime : null;
        return stream > feedback ? stream : feedback ?? stream;
    }

    /// <summary>Whether the end determines the outcome of the thread. Otherwise the runs that are left do.</summary>
    private static bool SetsOutcome(RunEnd end, bool isLast) => isLast || end.Execution is not null;

    /// <summary>Returns the attempt of the stored run; null if the run is pending.</summary>
    private static int? AttemptOf(ActiveRun run, RunEnd end) =>
        end.Execution is not null ? run.Attempt
        : run.Record.Status == RunStatus.Running ? run.Record.Attempt
        : null;

    private static RunOutcome OutcomeOf(ActiveRun run, RunEnd end, ChannelValues? values) =>
        new(end.Status, values, end.Execution?.Result is { IsPaused: true } paused ? paused.Interrupts : null, end.Failure)
        {
            StartedAt = run.StartedAt,
        };

    private CompiledGraph? GraphOf(ActiveRun run) => run.Plan?.Graph ?? assistants.GraphOf(run.Record);

    private async Task UndoAsync(ActiveRun run, int attempt, CompiledGraph? graph)
    {
        try
        {
            await outcomes.UndoAsync(run.Record, new RunAttempt(run.ThreadId, run.RunId, attempt), run.Spec.CheckpointId, graph);
        }
        catch (StaleAttemptException)
        {
            // Another server has the run. The write that deletes it reports that.
        }
        catch (Exception e) when (e is not (StorageUnavailableException or OutOfMemoryException))
        {
            // A run must end even if its graph has changed or the data is damaged.
            LogNotUndone(run.RunId, e);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Attempt {Attempt} of run {RunId} no longer owns the run. The results of the attempt are dropped.")]
    private partial void LogStale(RunId runId, int attempt);

    [LoggerMessage(2, LogLevel.Warning, "Run {RunId} was rolled back, but what it answered on the thread could not be taken back.")]
    private partial void LogNotUndone(RunId runId, Exception exception);
}
