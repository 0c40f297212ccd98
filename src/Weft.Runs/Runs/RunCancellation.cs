namespace Weft.Runs;

/// <summary>Cancels runs: what executes is told to stop, what waits is ended or removed.</summary>
internal sealed class RunCancellation(IRunStore runs, RunEnding ending, RunScheduler scheduler, TimeProvider time)
{
    /// <summary>Cancels a run; the caller holds the thread's gate, and sees to it that the next run is dispatched. The request is stored when this returns.</summary>
    /// <returns>The end of the run, when it has ended by that.</returns>
    public async Task<RunEnd?> CancelAsync(ThreadCoordinator coordinator, ActiveRun run, CancelRequest request)
    {
        if (!ReferenceEquals(coordinator.Running, run))
        {
            return await ending.CancelAsync(coordinator, run, request);
        }

        if (scheduler.TryWithdraw(run))
        {
            return await EndWithdrawnAsync(coordinator, run, request);
        }

        if (run.CancelRequest is null)
        {
            await runs.TryRequestCancelAsync(run.Record.Key, request, time.GetUtcNow(), CancellationToken.None);
            run.Cancel(request);
        }

        return null;
    }

    private async Task<RunEnd> EndWithdrawnAsync(ThreadCoordinator coordinator, ActiveRun run, CancelRequest request)
    {
        try
        {
            return await ending.CancelAsync(coordinator, run, request);
        }
        catch
        {
            // Its end is not stored: it ends when it is its turn.
            scheduler.Enqueue(run);
            throw;
        }
    }
}
