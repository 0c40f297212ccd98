using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// Looks after runs that this server had and that continue elsewhere: because the server stops, because it was taken for dead, or because
/// it does not have their graph.
/// </summary>
/// <param name="services">Resolves what depends on the sessions, which depend on this.</param>
/// <param name="scheduler">Tells whether the server stops.</param>
/// <param name="logger">Logs.</param>
internal sealed partial class MovedRuns(IServiceProvider services, RunScheduler scheduler, ILogger<MovedRuns> logger) : IMovedRuns
{
    // The threads for which a server is looked for now.
    private readonly ConcurrentDictionary<ThreadId, ActiveRun> _offered = new();

    public void Offer(ActiveRun run)
    {
        if (_offered.TryAdd(run.ThreadId, run))
        {
            _ = Task.Run(() => OfferAsync(run));
        }
    }

    private async Task OfferAsync(ActiveRun run)
    {
        try
        {
            await services.GetRequiredService<ThreadHandover>().TryGiveAsync(run);
        }
        catch (Exception e)
        {
            LogNotGiven(run.RunId, e.Message);
        }
        finally
        {
            _offered.TryRemove(new(run.ThreadId, run));
        }
    }

    public void Move(ActiveRun run) => _ = Task.Run(() => MoveAsync(run));

    private async Task MoveAsync(ActiveRun run)
    {
        try
        {
            if (scheduler.IsStopping)
            {
                await services.GetRequiredService<ThreadHandover>().GiveUpAsync(run);
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

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "Run {RunId} could not be given to a server that has its graph; the next try follows soon. {Reason}")]
    private partial void LogNotGiven(RunId runId, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Run {RunId}, which continues on another server, could not be followed.")]
    private partial void LogLost(RunId runId, Exception exception);
}
