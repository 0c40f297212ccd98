using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>Lets go, now and then, of what was kept long enough: the streams of ended runs, and threads and items whose time has come.</summary>
internal sealed partial class Sweeper(RunStreams streams, IStreamEventStore streamEvents, RecoverySignal recovery, ThreadPruning threads, ItemsFacade items, RunsOptions options, TimeProvider time, ILogger<Sweeper> logger, IStorageSpace? space = null) : BackgroundService
{
    private static readonly TimeSpan ReleaseWait = TimeSpan.FromMilliseconds(5);

    private readonly PeriodicTimer _timer = new(options.SweepInterval, time);

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _timer.WaitForNextTickAsync(stoppingToken))
        {
            // The worker compares the unfinished runs with the coordinators.
            recovery.Suspect();
            streams.Sweep();
            await TryAsync("stream events", () => streamEvents.DeleteEndedBeforeAsync(time.GetUtcNow() - options.ResumableStreamRetention, stoppingToken), stoppingToken);
            await TryAsync("stream events", () => streamEvents.DeleteFirstAsync(options.ResumableStreamBytesPerRunMax, stoppingToken), stoppingToken);
            await TryAsync("stream events", () => streamEvents.DeleteOldestAsync(options.ResumableStreamsBytesMax, stoppingToken), stoppingToken);
            await TryAsync("threads", () => threads.SweepAsync(stoppingToken), stoppingToken);
            await TryAsync("items", () => items.SweepAsync(stoppingToken), stoppingToken);
            await TryAsync("pages", () => ReleaseSpaceAsync(stoppingToken), stoppingToken);
        }
    }

    private async Task ReleaseSpaceAsync(CancellationToken stoppingToken)
    {
        while (space is not null && await space.TryReleaseAsync(stoppingToken))
        {
            // Writes that wait go first.
            await Task.Delay(ReleaseWait, stoppingToken);
        }
    }

    private async Task TryAsync(string what, Func<Task> sweep, CancellationToken stoppingToken)
    {
        try
        {
            await sweep();
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogSweepFailed(what, e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old {What} could not be removed; the next sweep tries again.")]
    private partial void LogSweepFailed(string what, Exception exception);
}
