namespace Weft.Runs;

/// <summary>Keeps crons.</summary>
/// <remarks>
/// Every implementation passes <c>CronStoreContract</c>; behaviour that the suite does not check is not guaranteed. Each method is
/// one transaction. When its task completes, the change is committed. A caller that lost the answer may repeat a write before
/// any other write of the cron: the repetition changes nothing and returns the same result, except that a deleted cron is
/// reported as missing. <see cref="IRunStore.CreateAsync"/> changes a cron too, when a <see cref="RunCreation"/> has a
/// <see cref="RunCreation.Cron"/>.
/// </remarks>
public interface ICronStore
{
    /// <summary>Adds a cron.</summary>
    Task CreateAsync(CronRecord cron, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the cron that has the id, the owner and the version of <paramref name="cron"/>, and increments its version.
    /// Returns <see cref="WriteResult.Missing"/> when the owner has no such cron, and <see cref="WriteResult.Changed"/> when it is
    /// at another version. The id, the owner, the thread and the creation time of a cron never change.
    /// </summary>
    Task<WriteResult> UpdateAsync(CronRecord cron, CancellationToken cancellationToken);

    /// <summary>Removes a cron. Returns <see langword="false"/> when <paramref name="actor"/> has no such cron.</summary>
    Task<bool> DeleteAsync(Actor actor, CronId cronId, CancellationToken cancellationToken);

    /// <summary>Returns the cron, or <see langword="null"/> when <paramref name="actor"/> has no such cron.</summary>
    Task<CronRecord?> FindAsync(Actor actor, CronId cronId, CancellationToken cancellationToken);

    /// <summary>Returns a page of the actor's crons that match, with the number of all matches.</summary>
    Task<LazyPage<CronRecord>> OpenSearchAsync(Actor actor, CronQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the crons of all actors whose next run is due at <paramref name="now"/>, the longest overdue first. The one with which
    /// they have <see cref="LazyPage{T}.BytesAtOnce"/> is the last one.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="limit">How many crons to return at most.</param>
    /// <param name="except">Crons not to return, as long as they are at these versions.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<CronRecord>> ListDueAsync(
        DateTimeOffset now, int limit, IReadOnlyDictionary<CronId, long> except, CancellationToken cancellationToken);

    /// <summary>Returns when the next run of any cron is due; null if none is.</summary>
    Task<DateTimeOffset?> FindNextDueAsync(CancellationToken cancellationToken);
}
