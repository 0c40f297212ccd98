using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>Owns the execution of runs: takes up at start what a server left unfinished, and drains at stop.</summary>
internal sealed partial class RunWorker(RunRecovery recovery, IRunStore runs, IStreamEventStore streamEvents, RunScheduler scheduler, RunsOptions options, TimeProvider time, ILogger<RunWorker> logger) : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(10);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var unfinished = await runs.ListUnfinishedAsync(cancellationToken);
        // What was running first: a run that was created before it, but has become due since, must not take its place.
        foreach (var run in unfinished.OrderBy(run => run.Status != RunStatus.Running))
        {
            try
            {
                await recovery.RecoverAsync(run, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotRecovered(run.RunId, e);
            }
        }

        if (unfinished.Count > 0)
        {
            LogRecovered(unfinished.Count);
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await scheduler.StopAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    /// <summary>Lets go of the streams that were kept in the database long enough.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await streamEvents.DeleteEndedBeforeAsync(time.GetUtcNow() - options.ResumableStreamRetention, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogSweepFailed(e);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Took up {Count} unfinished runs.")]
    private partial void LogRecovered(int count);

    [LoggerMessage(LogLevel.Error, "Run {RunId} could not be taken up; it is tried again when the server restarts.")]
    private partial void LogNotRecovered(RunId runId, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Old stream events could not be removed; the next sweep tries again.")]
    private partial void LogSweepFailed(Exception exception);
}
