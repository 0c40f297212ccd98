using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>
/// Lets crons create their runs. It waits until the first of all crons is due, then handles all that are due, a batch at a time.
/// </summary>
internal sealed partial class CronWorker(
    ICronStore crons, CronFiring firing, CronSignal signal, TimeProvider time, SafeLogger<CronWorker> logger)
    : BackgroundService, IHostedLifecycleService
{
    private const int BatchSize = 200;
    private const int ConcurrencyMax = 32;

    // Longer waits are split, because the wall clock may be set forward and timers stop while the machine sleeps.
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(1);

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Begins after everything else has started. A server that can't start creates no run.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _started.TrySetResult();
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!firing.IsAvailable)
        {
            return;
        }

        await _started.Task.WaitAsync(stoppingToken);
        for (var backoff = new Backoff(time); !stoppingToken.IsCancellationRequested;)
        {
            if (await TryFireDueAsync(stoppingToken) is { } wait)
            {
                backoff = new Backoff(time);
                await signal.WaitAsync(wait, time, stoppingToken);
            }
            else
            {
                await backoff.WaitAsync(stoppingToken);
            }
        }
    }

    /// <summary>Handles all crons that are due. Returns the time until the next one is; null if some must be tried again.</summary>
    private async Task<TimeSpan?> TryFireDueAsync(CancellationToken stoppingToken)
    {
        try
        {
            IReadOnlyList<CronRecord> due;
            do
            {
                due = await crons.ListDueAsync(time.GetUtcNow(), BatchSize, stoppingToken);
                if (!await TryFireAsync(due, stoppingToken))
                {
                    return null;
                }
            }
            while (due.Count == BatchSize);

            var next = await crons.FindNextDueAsync(stoppingToken);
            return next - time.GetUtcNow() is { } wait && wait < WaitMax ? wait > WaitMin ? wait : WaitMin : WaitMax;
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
        await Parallel.ForEachAsync(due, parallel, async (cron, token) =>
        {
            if (!await firing.TryFireAsync(cron, token))
            {
                Volatile.Write(ref succeeded, false);
            }
        });
        return succeeded;
    }

    [LoggerMessage(LogLevel.Error, "The crons that are due could not be read; the next try follows soon. {Reason}")]
    private partial void LogFailed(string reason, Exception? exception);
}
