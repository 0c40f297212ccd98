using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>
/// Lets crons create their runs. It waits until the first of all crons is due, then handles all that are due, a batch at a time. Crons
/// whose graph this server lacks stay due, so that a server of the cluster that has it handles them.
/// </summary>
internal sealed partial class CronWorker(
    ICronStore crons, CronFiring firing, CronSignal signal, SharedClock time, ServerIdentity server, SafeLogger<CronWorker> logger)
    : DueWorker(signal, time, server)
{
    private const int BatchSize = 200;
    private const int ConcurrencyMax = 32;
    private const int ReportedMax = 10_000;

    // After this time a cron is read again, because the graph of its assistant may change without a change of the cron.
    private static readonly TimeSpan ForeignTime = TimeSpan.FromMinutes(1);

    // Crons that were due and whose graph this server lacks.
    private readonly ConcurrentDictionary<CronId, Foreign> _foreign = new();

    // Each run that another server creates changes the version of its cron. So a cron is reported once, not at each of its times.
    private readonly ConcurrentDictionary<CronId, bool> _reported = new();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        firing.IsAvailable ? base.ExecuteAsync(stoppingToken) : Task.CompletedTask;

    protected override async Task<TimeSpan?> TryHandleDueAsync(CancellationToken stoppingToken)
    {
        try
        {
            // One cron that must be tried again does not hold up those of later batches.
            var delayed = new ConcurrentDictionary<CronId, long>();
            DateTimeOffset? next;
            do
            {
                var due = await crons.ListDueAsync(Time.GetUtcNow(), BatchSize, ListExcept(delayed), stoppingToken);
                await FireAsync(due, delayed, stoppingToken);
                next = await FindNextDueAsync(delayed, stoppingToken);
            }
            while (next <= Time.GetUtcNow() && delayed.Count < BatchSize);

            return delayed.IsEmpty ? WaitFor(next) : null;
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(e.Message, e is StorageUnavailableException ? null : e);
            return null;
        }
    }

    /// <summary>
    /// Returns the crons that are not read again, with their versions: those that are delayed, and those that this server lately could not
    /// handle.
    /// </summary>
    private Dictionary<CronId, long> ListExcept(ConcurrentDictionary<CronId, long> delayed)
    {
        foreach (var cron in _foreign)
        {
            if (Time.GetElapsedTime(cron.Value.Since) >= ForeignTime)
            {
                _foreign.TryRemove(cron);
            }
        }

        var except = new Dictionary<CronId, long>(delayed);
        foreach (var (cronId, foreign) in _foreign)
        {
            except[cronId] = foreign.Version;
        }

        return except;
    }

    /// <summary>Returns when the next cron is due that is neither delayed nor one of those which this server can't handle.</summary>
    private async Task<DateTimeOffset?> FindNextDueAsync(ConcurrentDictionary<CronId, long> delayed, CancellationToken stoppingToken)
    {
        if (_foreign.IsEmpty && delayed.IsEmpty)
        {
            return await crons.FindNextDueAsync(stoppingToken);
        }

        var soon = await crons.ListDueAsync(Time.GetUtcNow() + WaitMaxOfCluster, 1, ListExcept(delayed), stoppingToken);
        return soon.Count == 0 ? null : soon[0].NextRunAt;
    }

    private void SetForeign(CronRecord cron)
    {
        _foreign[cron.CronId] = new Foreign(cron.Version, Time.GetTimestamp());
        if (_reported.Count >= ReportedMax)
        {
            _reported.Clear();
        }

        if (_reported.TryAdd(cron.CronId, true))
        {
            LogForeign(cron.CronId, cron.NextRunAt);
        }
    }

    /// <summary>Handles a batch, so many at once that one transaction commits many runs. Collects those that must be tried again.</summary>
    private async Task FireAsync(
        IReadOnlyList<CronRecord> due, ConcurrentDictionary<CronId, long> delayed, CancellationToken stoppingToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ConcurrencyMax, CancellationToken = stoppingToken };
        // Another server may be at the same crons. In another order, this one finds most of them done or to do.
        await Parallel.ForEachAsync(IsOfCluster ? due.Shuffle() : due, parallel, async (cron, token) =>
        {
            switch (await firing.TryFireAsync(cron, token))
            {
                case CronResult.Delayed:
                    delayed[cron.CronId] = cron.Version;
                    break;
                case CronResult.Foreign:
                    SetForeign(cron);
                    break;
            }
        });
    }

    [LoggerMessage(1, LogLevel.Error, "The crons that are due could not be read; the next try follows soon. {Reason}")]
    private partial void LogFailed(string reason, Exception? exception);

    [LoggerMessage(
        2,
        LogLevel.Warning,
        "Cron {CronId}, which has been due since {Due}, is left to the servers of the cluster that have its graph, because this one "
            + "does not have it. This server does not report the cron again.")]
    private partial void LogForeign(CronId cronId, DateTimeOffset? due);

    /// <summary>A cron whose graph this server lacks.</summary>
    private readonly record struct Foreign(long Version, long Since);
}
