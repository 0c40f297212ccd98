namespace Weft.Runs;

/// <summary>Cancels runs. A running run is asked to stop. A pending run is ended or removed.</summary>
internal sealed class RunCancellation(IRunStore runs, RunEnding ending, RunScheduler scheduler, TimeProvider time)
{
    /// <summary>Cancels a run. The request is stored when this returns.</summary>
    public async Task CancelAsync(ThreadTurn turn, ActiveRun run, CancelRequest request)
    {
        if (!ReferenceEquals(turn.Runs.Running, run))
        {
            await EndAsync(turn, run, request);
        }
        else if (scheduler.TryWithdraw(run))
        {
            await EndWithdrawnAsync(turn, run, request);
        }
        else if (run.CancelRequest is null)
        {
            await runs.TryRequestCancelAsync(run.Record.Key, request, time.GetUtcNow(), CancellationToken.None);
            run.Cancel(request);
        }
    }

    private async Task EndWithdrawnAsync(ThreadTurn turn, ActiveRun run, CancelRequest request)
    {
        try
        {
            await EndAsync(turn, run, request);
        }
        catch
        {
            // Its end is not stored. The run ends when its turn comes.
            scheduler.Enqueue(run);
            throw;
        }
    }

    private Task EndAsync(ThreadTurn turn, ActiveRun run, CancelRequest request)
    {
        run.Cancel(request);
        return ending.EndAsync(turn, run, RunEnd.Cancelled(request, time.GetUtcNow()));
    }
}
