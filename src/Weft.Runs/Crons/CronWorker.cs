using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>
/// Lets crons create their runs. It waits until the first of all crons is due, then handles all that are due, a batch at a time.
/// </summary>
internal sealed partial class CronWorker(
    ICronStore crons, CronFiring firing, CronSignal signal, TimeProvider time, ServerIdentity server, SafeLogger<CronWorker> logger)
    : DueWorker(signal, time, server)
{
    private const int BatchSize = 200;
    private const int ConcurrencyMax = 32;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        firing.IsAvailable ? base.ExecuteAsync(stoppingToken) : Task.CompletedTask;

    protected override async Task<TimeSpan?> TryHandleDueAsync(CancellationToken stoppingToken)
    {
        try
        {
            IReadOnlyList<CronRecord> due;
            do
            {
                due = await crons.ListDueAsync(Time.GetUtcNow(), BatchSize, stoppingToken);
                if (!await TryFireAsync(due, stoppingToken))
                {
                    return null;
                }
            }
            while (due.Count == BatchSize);

            return WaitFor(await crons.FindNextDueAsync(stoppingToken));
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(e.Message, e is StorageUnavailableException ? null : e);
            return null;
        }
    }

    /// <summary>Handles a batch, so many at once that one transaction commits many runs. False if some must be tried again.</summary>
    private async Task<bool> TryFireAsync(IReadOnlyList<CronRecord> due, CancellationToken stoppingToken)
    {
        var succeeded = true;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ConcurrencyMax, CancellationToken = stoppingToken };
        // Another server may be at the same crons. In another order, this one finds most of them done or to do.
        await Parallel.ForEachAsync(IsOfCluster ? due.Shuffle() : due, parallel, async (cron, token) =>
        {
            if (!await firing.TryFireAsync(cron, token))
            {
                Volatile.Write(ref succeeded, false);
            }
        });
        return succeeded;
    }

    [LoggerMessage(1, LogLevel.Error, "The crons that are due could not be read; the next try follows soon. {Reason}")]
    private partial void LogFailed(string reason, Exception? exception);
}
