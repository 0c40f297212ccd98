namespace Weft.Runs;

/// <summary>Cancels runs. A running run is asked to stop. A pending run is ended or removed.</summary>
internal sealed class RunCancellation(IRunStore runs, RunEnding ending, RunScheduler scheduler, SharedClock time)
{
    /// <summary>
    /// Cancels a run. The request is stored when this returns. True if the run did not execute and its end is stored.
    /// </summary>
    public async Task<bool> CancelAsync(ThreadTurn turn, ActiveRun run, CancelRequest request)
    {
        if (!ReferenceEquals(turn.Runs.Running, run))
        {
            return await EndAsync(turn, run, request);
        }

        if (scheduler.TryWithdraw(run))
        {
            return await EndWithdrawnAsync(turn, run, request);
        }

        if (run.CancelRequest is null)
        {
            await runs.TryRequestCancelAsync(run.Record.Key, request, time.GetUtcNow(), CancellationToken.None);
            run.Cancel(request);
        }

        return false;
    }

    private async Task<bool> EndWithdrawnAsync(ThreadTurn turn, ActiveRun run, CancelRequest request)
    {
        try
        {
            return await EndAsync(turn, run, request);
        }
        catch
        {
            // Its end is not stored. The run ends when its turn comes.
            scheduler.Enqueue(run);
            throw;
        }
    }

    private Task<bool> EndAsync(ThreadTurn turn, ActiveRun run, CancelRequest request)
    {
        run.Cancel(request);
        return ending.EndAsync(turn, run, RunEnd.Cancelled(request, time.GetUtcNow()));
    }
}
