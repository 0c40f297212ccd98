namespace Weft.Runs;

/// <summary>Cancels runs: what executes is told to stop, what waits is ended or removed.</summary>
internal sealed class RunCancellation(IRunStore runs, ThreadStandings standings, ThreadHeadCache heads, RunStreams streams, RunScheduler scheduler, TimeProvider time)
{
    /// <summary>Cancels a run; the caller holds the thread's gate, and sees to it that the next run is dispatched. The request is stored when this returns.</summary>
    /// <returns>The end of the run, when it has ended by that.</returns>
    public async Task<RunEnd?> CancelAsync(ThreadCoordinator coordinator, ActiveRun run, CancelRequest request)
    {
        if (!ReferenceEquals(coordinator.Running, run))
        {
            return await EndAsync(coordinator, run, request);
        }

        if (scheduler.TryWithdraw(run))
        {
            return await EndWithdrawnAsync(coordinator, run, request);
        }

        if (run.CancelRequest is null)
        {
            await runs.TryRequestCancelAsync(run.RunId, request, time.GetUtcNow(), CancellationToken.None);
            run.Cancel(request);
        }

        return null;
    }

    private async Task<RunEnd> EndWithdrawnAsync(ThreadCoordinator coordinator, ActiveRun run, CancelRequest request)
    {
        try
        {
            return await EndAsync(coordinator, run, request);
        }
        catch
        {
            // Its end is not stored: it ends when it is its turn.
            scheduler.Enqueue(run);
            throw;
        }
    }

    private async Task<RunEnd> EndAsync(ThreadCoordinator coordinator, ActiveRun run, CancelRequest request)
    {
        run.Cancel(request);
        var now = time.GetUtcNow();
        var isAlone = coordinator.InFlight().Count == 1;
        var isTemporary = run.Spec is { ThreadId: null, KeepThread: false };
        if (request.Action == CancelAction.Rollback && !(isTemporary && isAlone))
        {
            var standing = isAlone ? await standings.OutcomeWithoutAsync(run.Record, isBusy: false) : null;
            await runs.DeleteAsync(run.ThreadId, run.RunId, standing, now, CancellationToken.None);
            heads.Remove(run.ThreadId);
        }
        else
        {
            await runs.TryFinishAsync(
                new RunFinish
                {
                    ThreadId = run.ThreadId,
                    RunId = run.RunId,
                    Attempt = run.Record.Status == RunStatus.Running ? run.Record.Attempt : null,
                    Status = RunStatus.Interrupted,
                    Error = request.Reason,
                    Thread = isAlone ? await standings.OutcomeAsync(run.Record) with { StateChanged = false } : null,
                    DeleteThread = isTemporary && isAlone,
                    Now = now,
                },
                CancellationToken.None);
        }

        // Only now: had the write failed, the run would still be in its place.
        coordinator.Remove(run);
        run.Stream.Append(RunEvents.Cancel, RunPayloads.Cancel(request.Action), now, ends: true);
        streams.Begin(run.Stream);
        streams.Retire(run.Stream);
        var outcome = new RunOutcome(RunStatus.Interrupted, null, null, null);
        run.End(outcome);
        return new RunEnd(run.Record with { Status = RunStatus.Interrupted, Error = request.Reason, UpdatedAt = now }, outcome);
    }
}
