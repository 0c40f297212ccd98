namespace Weft.Runs;

/// <summary>The runs of an actor on all threads (docs/protocol/weft.md 2).</summary>
internal sealed class RunOverview(IRunStore runs, RunsOptions options, TimeProvider time)
{
    /// <summary>Returns a page of the actor's runs, newest first. Runs that wait come with what they wait for.</summary>
    public async Task<(RunPage Page, IReadOnlyDictionary<RunId, RunWait> Waits)> SearchAsync(
        Actor actor, RunQuery query, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var page = await runs.SearchAllAsync(actor, query with { ReadMax = options.SearchedRunsMax }, now, cancellationToken);
        var waits = new Dictionary<RunId, RunWait>();
        foreach (var threadId in page.Runs.Where(run => run.Status == RunStatus.Pending).Select(run => run.ThreadId).Distinct())
        {
            RunWait.AddTo(waits, await runs.ListUnfinishedAsync(threadId, cancellationToken), now);
        }

        return (page, waits);
    }

    /// <summary>Counts the actor's runs by their status.</summary>
    public Task<RunCounts> CountAsync(Actor actor, RunQuery query, CancellationToken cancellationToken) =>
        runs.CountAllAsync(actor, query with { ReadMax = options.SearchedRunsMax }, time.GetUtcNow(), cancellationToken);
}
