using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>Owns the execution of runs: takes up at start what a server left unfinished, and drains at stop.</summary>
internal sealed partial class RunWorker(RunRecovery recovery, IRunStore runs, RunScheduler scheduler, ILogger<RunWorker> logger) : IHostedService
{
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

    public Task StopAsync(CancellationToken cancellationToken) => scheduler.StopAsync(cancellationToken);

    [LoggerMessage(LogLevel.Information, "Took up {Count} unfinished runs.")]
    private partial void LogRecovered(int count);

    [LoggerMessage(LogLevel.Error, "Run {RunId} could not be taken up; it is tried again when the server restarts.")]
    private partial void LogNotRecovered(RunId runId, Exception exception);
}
