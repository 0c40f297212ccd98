namespace Weft.Runs;

/// <summary>Cancels runs: what executes is told to stop, what waits is ended or removed.</summary>
internal sealed class RunCancellation(IRunStore runs, ThreadStandings standings, ThreadHeadCache heads, RunStreams streams, RunScheduler scheduler, TimeProvider time)
{
    /// <summary>Cancels a run; the caller holds the thread's gate, and sees to it that the next run is dispatched. The request is stored when this returns.</summary>
    public async Task CancelAsync(ThreadCoordinator coordinator, ActiveRun run, CancelRequest request)
    {
        if (!ReferenceEquals(coordinator.Running, run))
        {
            await EndAsync(coordinator, run, request);
        }
        else if (scheduler.TryWithdraw(run))
        {
            await EndWithdrawnAsync(coordinator, run, request);
        }
        else if (run.CancelRequest is null)
        {
            await runs.TryRequestCancelAsync(run.RunId, request, time.GetUtcNow(), CancellationToken.None);
            run.Cancel(request);
        }
    }

    private async Task EndWithdrawnAsync(ThreadCoordinator coordinator, ActiveRun run, CancelRequest request)
    {
        try
        {
            await EndAsync(coordinator, run, request);
        }
        catch
        {
            // Its end is not stored: it ends when it is its turn.
            scheduler.Enqueue(run);
            throw;
        }
    }

    private async Task EndAsync(ThreadCoordinator coordinator, ActiveRun run, CancelRequest request)
    {
        run.Cancel(request);
        var now = time.GetUtcNow();
        var isAlone = coordinator.InFlight().Count == 1;
        var isTemporary = run.Spec is { ThreadId: null, KeepThread: false };
        if (request.Action == CancelAction.Rollback && !(isTemporary && isAlone))
        {
            var outcome = isAlone ? await standings.OutcomeWithoutAsync(run.Record, isBusy: false) : null;
            await runs.DeleteAsync(run.ThreadId, run.RunId, outcome, now, CancellationToken.None);
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
        streams.Retire(run.Stream);
        run.End(new RunOutcome(RunStatus.Interrupted, null, null, null));
    }
}
