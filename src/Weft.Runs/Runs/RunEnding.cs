using System.Text;

namespace Weft.Runs;

/// <summary>Ends runs that do not execute: those that wait, and those that no server can go on with. The caller holds the thread's gate.</summary>
internal sealed class RunEnding(IRunStore runs, ThreadStandings standings, ThreadHeadCache heads, RunStreams streams, TimeProvider time)
{
    /// <summary>Ends a run of the coordinator as cancelled.</summary>
    public async Task<RunEnd> CancelAsync(ThreadCoordinator coordinator, ActiveRun run, CancelRequest request)
    {
        run.Cancel(request);
        var now = time.GetUtcNow();
        var isAlone = coordinator.InFlight().Count == 1;
        if (request.Action == CancelAction.Rollback && !(IsTemporary(run) && isAlone))
        {
            var standing = isAlone ? await standings.OutcomeWithoutAsync(run.Record, isBusy: false) : null;
            await runs.DeleteAsync(run.Record.Key, AttemptOf(run.Record), standing, now, CancellationToken.None);
            heads.Remove(run.ThreadId);
        }
        else
        {
            var outcome = isAlone ? await standings.OutcomeAsync(run.Record) with { StateChanged = false } : null;
            await runs.TryFinishAsync(
                FinishOf(run.Record, RunStatus.Interrupted, request.Reason, now) with { Thread = outcome, DeleteThread = IsTemporary(run) && isAlone },
                CancellationToken.None);
        }

        // Only now: had the write failed, the run would still be in its place.
        coordinator.Remove(run);
        return Tell(run, [new(run.Stream.NextSeq, RunEvents.Cancel, RunPayloads.Cancel(request.Action), now)], RunStatus.Interrupted, request.Reason, null, now);
    }

    /// <summary>Ends a run as failed that the coordinator does not have.</summary>
    /// <param name="run">The run.</param>
    /// <param name="failure">Why.</param>
    /// <param name="isAlone">Whether no other run of the thread is unfinished.</param>
    public async Task<RunEnd> FailAsync(ActiveRun run, RunFailure failure, bool isAlone)
    {
        var now = time.GetUtcNow();
        var first = run.Stream.NextSeq;
        RunEvent[] events =
        [
            new(first, RunEvents.Error, RunPayloads.Error(failure.Name, failure.Message), now),
            new(first + 1, RunEvents.End, RunPayloads.End(run.RunId, RunStatus.Error), now),
        ];
        await runs.TryFinishAsync(
            FinishOf(run.Record, RunStatus.Error, failure.Message, now) with
            {
                Thread = await FailedAsync(run.Record, failure),
                DeleteThread = IsTemporary(run) && isAlone,
                Events = [EndedEvent(run.RunId, RunStatus.Error, now)],
                StreamEvents = run.Spec.StreamResumable ? [.. events.Select(RunSink.ToRecord)] : [],
            },
            CancellationToken.None);
        heads.Remove(run.ThreadId);
        return Tell(run, events, RunStatus.Error, failure.Message, failure, now);
    }

    /// <summary>Ends a run as failed of which nothing is known but what its row says.</summary>
    public async Task<RunEnd> FailAsync(RunRecord run, RunFailure failure)
    {
        var now = time.GetUtcNow();
        await runs.TryFinishAsync(
            FinishOf(run, RunStatus.Error, failure.Message, now) with
            {
                Thread = await FailedAsync(run, failure),
                DropInput = true,
                Events = [EndedEvent(run.RunId, RunStatus.Error, now)],
            },
            CancellationToken.None);
        return new RunEnd(run with { Status = RunStatus.Error, Error = failure.Message, UpdatedAt = now }, new RunOutcome(RunStatus.Error, null, null, failure));
    }

    /// <summary>The entry of the thread's event log that tells of the end of a run.</summary>
    public static RunEventRecord EndedEvent(RunId runId, RunStatus status, DateTimeOffset now) => new()
    {
        RunId = runId,
        Category = RunEventCategory.Lifecycle,
        Type = "run.ended",
        Content = Encoding.UTF8.GetBytes($$"""{"status":"{{status.ToWire()}}"}"""),
        CreatedAt = now,
    };

    private static int? AttemptOf(RunRecord run) => run.Status == RunStatus.Running ? run.Attempt : null;

    private static bool IsTemporary(ActiveRun run) => run.Spec is { ThreadId: null, KeepThread: false };

    private static RunFinish FinishOf(RunRecord run, RunStatus status, string? error, DateTimeOffset now) => new()
    {
        ThreadId = run.ThreadId,
        RunId = run.RunId,
        Attempt = AttemptOf(run),
        Status = status,
        Error = error,
        Now = now,
    };

    private async Task<ThreadOutcome> FailedAsync(RunRecord run, RunFailure failure) =>
        await standings.OutcomeAsync(run) with { Status = ThreadStatus.Error, Error = failure.Message, StateChanged = false };

    private RunEnd Tell(ActiveRun run, RunEvent[] events, RunStatus status, string? error, RunFailure? failure, DateTimeOffset now)
    {
        run.Stream.Append(events);
        streams.Begin(run.Stream);
        streams.Retire(run.Stream);
        var outcome = new RunOutcome(status, null, null, failure);
        run.End(outcome);
        return new RunEnd(run.Record with { Status = status, Error = error, UpdatedAt = now }, outcome);
    }
}
