using System.Runtime.CompilerServices;

namespace Weft.Runs;

/// <summary>The runs of an actor on all threads (docs/protocol/weft.md 2).</summary>
internal sealed class RunOverview(IRunStore runs, RunsOptions options, SharedClock time)
{
    /// <summary>Returns a page of the actor's runs, newest first.</summary>
    public Task<RunPage> SearchAsync(Actor actor, RunQuery query, CancellationToken cancellationToken) =>
        runs.SearchAllAsync(actor, query with { ReadMax = options.SearchedRunsMax }, time.GetUtcNow(), cancellationToken);

    /// <summary>Returns runs, and what those wait for that are pending.</summary>
    public async IAsyncEnumerable<(RunRecord Run, RunWait? Wait)> WithWaitsAsync(
        LazyPage<RunRecord> page, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var waits = new Dictionary<RunId, RunWait>();
        var threads = new HashSet<ThreadId>();
        await foreach (var run in page.WithCancellation(cancellationToken))
        {
            if (run.Status == RunStatus.Pending && threads.Add(run.ThreadId))
            {
                RunWait.AddTo(waits, await runs.ListUnfinishedRunsAsync(run.ThreadId, cancellationToken), now);
            }

            yield return (run, waits.GetValueOrDefault(run.RunId));
        }
    }

    /// <summary>Counts the actor's runs by their status.</summary>
    public Task<RunCounts> CountAsync(Actor actor, RunQuery query, CancellationToken cancellationToken) =>
        runs.CountAllAsync(actor, query with { ReadMax = options.SearchedRunsMax }, time.GetUtcNow(), cancellationToken);
}
