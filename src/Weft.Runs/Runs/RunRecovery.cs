using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>
/// Takes over the runs that no server executes: those that another server left, and those that this one could not continue. Then
/// each unfinished run of the database belongs to its thread's coordinator.
/// </summary>
internal sealed partial class RunRecovery(
    IRunStore runs,
    ThreadSessions sessions,
    ThreadClaims claims,
    RecoverySignal signal,
    RunScheduler scheduler,
    TimeProvider time,
    SafeLogger<RunRecovery> logger)
{
    private const int PageSize = 500;

    // Smaller, so that several servers share the threads of one that is gone.
    private const int ClaimedPageSize = 200;

    // Most of the time of one is the way to the database and back.
    private const int ClaimedAtOnce = 8;

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
            await Parallel.ForEachAsync(
                claims.AreShared ? ListOwnAsync(cancellationToken) : ListAllAsync(cancellationToken),
                new ParallelOptions
                {
                    // A single server takes them over in the order of their runs.
                    MaxDegreeOfParallelism = claims.AreShared ? ClaimedAtOnce : 1,
                    CancellationToken = cancellationToken,
                },
                async (threadId, stop) =>
                {
                    if (await CompareAsync(threadId, stop) is { } e)
                    {
                        failure = e;
                    }
                });
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

    private async IAsyncEnumerable<ThreadId> ListAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        UnfinishedThread? last = null;
        do
        {
            var page = await runs.ListUnfinishedThreadsAsync(last, PageSize, cancellationToken);
            foreach (var thread in page)
            {
                yield return thread.ThreadId;
            }

            last = page.Count == PageSize ? page[^1] : null;
        }
        while (last is not null);
    }

    /// <summary>Returns the threads of this server, and those that it claims because they have no home any more.</summary>
    private async IAsyncEnumerable<ThreadId> ListOwnAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<ThreadId> page;
        do
        {
            page = await claims.ClaimLeftAsync(ClaimedPageSize, cancellationToken);
            foreach (var threadId in page)
            {
                yield return threadId;
            }
        }
        while (page.Count > 0);

        ThreadId? last = null;
        do
        {
            page = await claims.ListOwnAsync(last, PageSize, cancellationToken);
            foreach (var threadId in page)
            {
                // Nobody but this server adds runs to its threads.
                if (!sessions.HasAllRuns(threadId))
                {
                    yield return threadId;
                }
            }

            last = page.Count == PageSize ? page[^1] : null;
        }
        while (last is not null);
    }

    private async Task<Exception?> CompareAsync(ThreadId threadId, CancellationToken cancellationToken)
    {
        try
        {
            using var visit = sessions.Open(threadId);
            await visit.Session.CompareAsync(cancellationToken);
            return null;
        }
        catch (ThreadElsewhereException)
        {
            // Another server was faster.
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
        catch (Exception e) when (e is OperationCanceledException or StorageUnavailableException && stop.IsCancellationRequested)
        {
            // Whether it waited or took over runs: the next server takes over the rest.
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Unfinished runs could not be taken over; the next try follows soon. {Reason}")]
    private partial void LogNotTakenOver(string reason, Exception? exception);
}
