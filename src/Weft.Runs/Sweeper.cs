using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>
/// Removes expired data at intervals: the streams and timelines of ended runs, deliveries of webhooks, threads, and items. Then it
/// returns free space to the file system.
/// </summary>
internal sealed partial class Sweeper(
    RunStreams streams,
    IStreamEventStore streamEvents,
    RecoverySignal recovery,
    ThreadPruning threads,
    ItemsFacade items,
    IWebhookStore webhooks,
    IRunStore runs,
    RunsOptions options,
    SharedClock time,
    SafeLogger<Sweeper> logger,
    IStorageSpace? space = null,
    ISweepTurn? turn = null) : BackgroundService
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
            await TryAsync("data", SweepStoredAsync, stoppingToken);
        }
    }

    private async Task SweepStoredAsync(CancellationToken stoppingToken)
    {
        if (turn is not null && !await turn.TryTakeAsync(stoppingToken))
        {
            return;
        }

        await TryAsync("stream events", DeleteEndedEventsAsync, stoppingToken);
        await TryAsync("stream events", DeleteFirstEventsAsync, stoppingToken);
        await TryAsync("stream events", DeleteOldestEventsAsync, stoppingToken);
        await TryAsync("threads", threads.SweepAsync, stoppingToken);
        await TryAsync("items", items.SweepAsync, stoppingToken);
        await TryAsync("webhooks", DeleteWebhooksAsync, stoppingToken);
        await TryAsync("timelines", DeleteTimelinesAsync, stoppingToken);
        await TryAsync("pages", ReleaseSpaceAsync, stoppingToken);
    }

    private Task DeleteEndedEventsAsync(CancellationToken stoppingToken) =>
        streamEvents.DeleteEndedBeforeAsync(time.GetUtcNow() - options.ResumableStreamRetention, stoppingToken);

    private Task DeleteFirstEventsAsync(CancellationToken stoppingToken) =>
        streamEvents.DeleteFirstAsync(options.ResumableStreamBytesPerRunMax, stoppingToken);

    private Task DeleteOldestEventsAsync(CancellationToken stoppingToken) =>
        streamEvents.DeleteOldestAsync(options.ResumableStreamsBytesMax, stoppingToken);

    private Task DeleteWebhooksAsync(CancellationToken stoppingToken) => webhooks.DeleteEndedAsync(
        time.GetUtcNow() - options.WebhookRetention, options.WebhooksBytesMax, stoppingToken);

    private Task DeleteTimelinesAsync(CancellationToken stoppingToken) =>
        runs.DeleteTimelinesAsync(time.GetUtcNow() - options.TimelineRetention, stoppingToken);

    private async Task ReleaseSpaceAsync(CancellationToken stoppingToken)
    {
        while (space is not null && await space.TryReleaseAsync(stoppingToken))
        {
            // Lets waiting writes run first. That takes real time, whatever clock the server has.
            await Task.Delay(ReleaseWait, TimeProvider.System, stoppingToken);
        }
    }

    private async Task TryAsync(string what, Func<CancellationToken, Task> sweep, CancellationToken stoppingToken)
    {
        try
        {
            await sweep(stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogSweepFailed(what, e);
        }
        catch (StorageUnavailableException)
        {
            // The server stops without its database.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Old {What} could not be removed; the next sweep tries again.")]
    private partial void LogSweepFailed(string what, Exception exception);
}
