namespace Weft.Runs;

/// <summary>Keeps threads.</summary>
/// <remarks>
/// Every implementation passes <c>ThreadStoreContract</c>; what that suite does not check is not promised.
/// A task that completes means that the change is committed. Writes of one thread take effect in the order of the calls,
/// whichever store they are made to and whether or not each is awaited before the next; nothing is promised across threads.
/// A patch or a copy that is repeated before any other write of the thread, as when its answer was lost, changes nothing more and
/// has the same result.
/// </remarks>
public interface IThreadStore
{
    /// <summary>Returns the thread, or <see langword="null"/> when <paramref name="actor"/> has no such thread.</summary>
    Task<ThreadRecord?> FindAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken);

    /// <summary>Adds the thread; <see langword="false"/> when the id is taken, whoever has it.</summary>
    Task<bool> TryCreateAsync(ThreadRecord thread, CancellationToken cancellationToken);

    /// <summary>
    /// Copies a thread: <see cref="WriteResult.Changed"/> when it has another version or another newest checkpoint. A thread with
    /// runs can be copied.
    /// </summary>
    Task<WriteResult> CopyAsync(ThreadCopy copy, CancellationToken cancellationToken);

    /// <summary>
    /// Changes the thread's metadata, when that is given, and sets how long the thread is kept, counted from <paramref name="now"/>,
    /// when that is given: <see cref="WriteResult.Changed"/> when the metadata is not what was read.
    /// </summary>
    Task<WriteResult> PatchAsync(
        Actor actor, ThreadId threadId, MetadataChange? metadata, ThreadTtl? ttl, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the thread with its runs, checkpoints and events: <see cref="WriteResult.Busy"/> while a run of it has not ended,
    /// <see cref="WriteResult.Changed"/> when it has another version.
    /// </summary>
    /// <param name="actor">The actor whose thread it is.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="version">The <see cref="ThreadRecord.Version"/> that was read; null for any.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<WriteResult> DeleteAsync(Actor actor, ThreadId threadId, long? version, CancellationToken cancellationToken);

    /// <summary>Returns threads of all actors that are to be pruned by <paramref name="now"/>, those first that have been for longest.</summary>
    Task<IReadOnlyList<ThreadRecord>> ListExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Returns a page of the actor's threads.</summary>
    Task<Page<ThreadRecord>> SearchAsync(Actor actor, ThreadQuery query, CancellationToken cancellationToken);
}
