namespace Weft.Runs;

/// <summary>Keeps threads.</summary>
/// <remarks>
/// Every implementation passes <c>ThreadStoreContract</c>; behaviour that the suite does not check is not guaranteed.
/// When a task completes, its change is committed. Writes of one thread take effect in the order of the calls,
/// across all interfaces of storage, whether or not the caller awaits each one before the next. Threads are not ordered among each other.
/// A caller that lost the answer may repeat a patch or a copy before any other write of the thread: the repetition changes
/// nothing and returns the same result.
/// </remarks>
public interface IThreadStore
{
    /// <summary>Returns the thread, or <see langword="null"/> when <paramref name="actor"/> has no such thread.</summary>
    Task<ThreadRecord?> FindAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken);

    /// <summary>Adds the thread. Returns <see langword="false"/> when a thread of any actor has the id.</summary>
    Task<bool> TryCreateAsync(ThreadRecord thread, CancellationToken cancellationToken);

    /// <summary>
    /// Copies a thread. Returns <see cref="WriteResult.Changed"/> when the thread has another version or another newest
    /// checkpoint. A thread with runs can be copied.
    /// </summary>
    Task<WriteResult> CopyAsync(ThreadCopy copy, CancellationToken cancellationToken);

    /// <summary>
    /// Changes the thread's metadata if a change is given, and sets the thread's time to live, counted from
    /// <paramref name="now"/>, if one is given. Returns <see cref="WriteResult.Changed"/> when the metadata is not what the
    /// caller read.
    /// </summary>
    Task<WriteResult> PatchAsync(
        Actor actor, ThreadId threadId, MetadataChange? metadata, ThreadTtl? ttl, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the thread with its runs, checkpoints and events. Returns <see cref="WriteResult.Busy"/> while one of its runs
    /// has not ended, and <see cref="WriteResult.Changed"/> when the thread has another version.
    /// </summary>
    /// <param name="actor">The actor whose thread it is.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="version">The <see cref="ThreadRecord.Version"/> that was read; null for any.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<WriteResult> DeleteAsync(Actor actor, ThreadId threadId, long? version, CancellationToken cancellationToken);

    /// <summary>Returns the threads of all actors that are due to be pruned at <paramref name="now"/>, the longest overdue first.</summary>
    Task<IReadOnlyList<ThreadRecord>> ListExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Returns a page of the actor's threads.</summary>
    Task<LazyPage<ThreadRecord>> OpenSearchAsync(Actor actor, ThreadQuery query, CancellationToken cancellationToken);
}
