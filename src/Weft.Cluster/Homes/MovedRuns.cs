using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// Looks after runs that this server had and that continue elsewhere: because the server stops, or because it was taken for dead.
/// </summary>
/// <param name="services">Resolves what depends on the sessions, which depend on this.</param>
/// <param name="scheduler">Tells whether the server stops.</param>
/// <param name="logger">Logs.</param>
internal sealed partial class MovedRuns(IServiceProvider services, RunScheduler scheduler, ILogger<MovedRuns> logger) : IMovedRuns
{
    public void Move(ActiveRun run) => _ = Task.Run(() => MoveAsync(run));

    private async Task MoveAsync(ActiveRun run)
    {
        try
        {
            if (scheduler.IsStopping)
            {
                await services.GetRequiredService<ThreadHandover>().GiveUpAsync([run.ThreadId]);
            }

            services.GetRequiredService<CopiedLogs>().GoOn(run.Record, run.Stream);
            run.End(await services.GetRequiredService<RemoteRuns>().WaitAsync(run.Record));
        }
        catch (Exception e)
        {
            // Its readers and callers connect again.
            LogLost(run.RunId, e);
            run.Stream.Abandon();
            run.End(new RunOutcome(RunStatus.Pending, null, null, null));
        }
    }

    [LoggerMessage(LogLevel.Warning, "Run {RunId}, which continues on another server, could not be followed.")]
    private partial void LogLost(RunId runId, Exception exception);
}
