using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>
/// Takes over the runs that no server executes: those that another server left, and those that this one could not continue. Then
/// each unfinished run of the database belongs to its thread's coordinator.
/// </summary>
internal sealed partial class RunRecovery(
    IRunStore runs,
    ThreadSessions sessions,
    RecoverySignal signal,
    RunScheduler scheduler,
    TimeProvider time,
    SafeLogger<RunRecovery> logger)
{
    private const int PageSize = 500;

    /// <summary>
    /// Takes over all runs that belong to no coordinator. Returns <see langword="false"/> if that failed for some and must be
    /// retried.
    /// </summary>
    public async Task<bool> TryTakeOverAllAsync(CancellationToken cancellationToken)
    {
        var suspicion = signal.Suspicion;
        Exception? failure = null;
        try
        {
            UnfinishedThread? last = null;
            do
            {
                var page = await runs.ListUnfinishedThreadsAsync(last, PageSize, cancellationToken);
                foreach (var thread in page)
                {
                    failure = await CompareAsync(thread.ThreadId, cancellationToken) ?? failure;
                }

                last = page.Count == PageSize ? page[^1] : null;
            }
            while (last is not null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            failure = e;
        }

        if (failure is not null)
        {
            LogNotTakenOver(failure.Message, failure is StorageUnavailableException ? null : failure);
            return false;
        }

        signal.Clear(suspicion);
        return true;
    }

    private async Task<Exception?> CompareAsync(ThreadId threadId, CancellationToken cancellationToken)
    {
        try
        {
            using var visit = sessions.Open(threadId);
            await visit.Session.CompareAsync(cancellationToken);
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return e;
        }
    }

    /// <summary>Takes over runs whenever some may belong to no coordinator, until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            for (var backoff = new Backoff(time); ;)
            {
                if (signal.IsSettled)
                {
                    backoff = new Backoff(time);
                    await signal.WaitAsync(stop);
                }
                else if (scheduler.IsStopping || !await TryTakeOverAllAsync(stop))
                {
                    await backoff.WaitAsync(stop);
                }

                stop.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Whether it waited or took over runs: the next server takes over the rest.
        }
    }

    [LoggerMessage(LogLevel.Error, "Unfinished runs could not be taken over; the next try follows soon. {Reason}")]
    private partial void LogNotTakenOver(string reason, Exception? exception);
}
