using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>Owns the execution of runs: takes up at start what a server left unfinished, and drains at stop.</summary>
internal sealed partial class RunWorker(RunRecovery recovery, IRunStore runs, RunScheduler scheduler, ILogger<RunWorker> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Takes runs up before anyone can ask for them.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
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
    }

    /// <summary>Executes them when all else has started: one that can't, such as a server whose address is in use, begins no run.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        scheduler.Open();
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => scheduler.StopAsync(cancellationToken);

    [LoggerMessage(LogLevel.Information, "Took up {Count} unfinished runs.")]
    private partial void LogRecovered(int count);

    [LoggerMessage(LogLevel.Error, "Run {RunId} could not be taken up; it is tried again when the server restarts.")]
    private partial void LogNotRecovered(RunId runId, Exception exception);
}
