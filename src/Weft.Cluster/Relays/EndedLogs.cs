using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Copies the logs of runs of a thread that have ended on other servers, as far as these have them in memory only.</summary>
internal sealed class EndedLogs(
    IRunStore runs, CopiedLogs copies, RunStreams streams, ServerDirectory servers, RunsOptions limits, SharedClock time)
{
    private const int RunsMax = 20;

    /// <summary>Adds the logs to that of the thread.</summary>
    /// <param name="owner">The actor that the thread belongs to.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="startOrder">The first run, in the order of starts, that a reader wants.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task AddAsync(string owner, ThreadId threadId, long startOrder, CancellationToken cancellationToken)
    {
        var page = await runs.OpenSearchAsync(new Actor(owner), threadId, null, RunsMax, 0, cancellationToken);
        foreach (var run in (await page.ReadAllAsync(cancellationToken)).Reverse())
        {
            if (run.StartOrder >= startOrder && streams.Find(run.RunId) is null && ServerOf(run) is { } server)
            {
                await AddAsync(run, server, cancellationToken);
            }
        }
    }

    /// <summary>Returns the server that may have the log of a run that has ended; null if there is none.</summary>
    public int? ServerOf(RunRecord run) =>
        run is { EndedAt: { } endedAt, Server: { } server }
        && server != servers.Here
        && !servers.IsDead(server)
        && time.GetUtcNow() - endedAt < limits.EndedStreamRetention
        && !IsStored(run)
            ? server
            : null;

    private async Task AddAsync(RunRecord run, int server, CancellationToken cancellationToken)
    {
        try
        {
            streams.Threads.Begin(await copies.OpenAsync(run, server, cancellationToken));
        }
        catch (Exception e) when (e is ThreadElsewhereException or ServerUnreachableException)
        {
            // It was evicted, or went with its server.
        }
    }

    private static bool IsStored(RunRecord run)
    {
        try
        {
            return RunKwargs.Read(run).StreamResumable;
        }
        catch (UnreadableRunException)
        {
            return true;
        }
    }
}
