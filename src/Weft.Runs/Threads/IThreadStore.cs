namespace Weft.Runs;

/// <summary>Keeps threads.</summary>
/// <remarks>
/// Every implementation passes <c>ThreadStoreContract</c>; what that suite does not check is not promised.
/// A task that completes means that the change is committed. Writes of one store take effect in the order of the
/// calls, also when a caller does not await one before it makes the next.
/// </remarks>
public interface IThreadStore
{
    /// <summary>Returns the thread, or <see langword="null"/> when <paramref name="actor"/> has no such thread.</summary>
    Task<ThreadRecord?> FindAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken);

    /// <summary>Adds the thread; <see langword="false"/> when the id is taken, whoever has it.</summary>
    Task<bool> TryCreateAsync(ThreadRecord thread, CancellationToken cancellationToken);

    /// <summary>
    /// Adds an idle copy of the thread with its checkpoints of every namespace and the outcomes of their tasks, all under the
    /// ids that they have; the member <c>thread_id</c> of metadata names the copy. Runs and their events are not copied.
    /// <see langword="null"/> when there is no such thread.
    /// </summary>
    Task<ThreadRecord?> CopyAsync(Actor actor, ThreadId threadId, ThreadId copyId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Merges <paramref name="metadata"/> (a JSON object) key by key, not recursively, into the thread's, and sets how long it
    /// is kept, counted from <paramref name="now"/>, when that is given; null when there is no such thread.
    /// </summary>
    Task<ThreadRecord?> PatchAsync(Actor actor, ThreadId threadId, string metadata, ThreadTtl? ttl, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Sets status, interrupts and error after an edit of the thread's state, and its <c>updated_at</c> and <c>state_updated_at</c>.</summary>
    Task SetOutcomeAsync(ThreadId threadId, ThreadOutcome outcome, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Removes the thread with its runs, checkpoints and events; <see langword="false"/> when there is no such thread.</summary>
    Task<bool> DeleteAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken);

    /// <summary>Returns threads of all actors that are to be pruned by <paramref name="now"/>, those first that have been for longest.</summary>
    Task<IReadOnlyList<ThreadRecord>> ListExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Returns a page of the actor's threads.</summary>
    Task<Page<ThreadRecord>> SearchAsync(Actor actor, ThreadQuery query, CancellationToken cancellationToken);
}
