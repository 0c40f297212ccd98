using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Keeps the checkpoints of threads and the outcomes of their pending tasks.</summary>
/// <remarks>
/// Every implementation passes <c>CheckpointStoreContract</c>; behaviour that the suite does not check is not guaranteed.
/// When a task completes, its change is committed. Writes of one thread take effect in the order of the calls,
/// across all interfaces of storage, whether or not the caller awaits each one before the next. Threads are not ordered among each other.
/// A caller that lost the answer may write a checkpoint, an outcome or an edit again: it is stored once.
/// <para>
/// Bodies refer to bodies with smaller ordinals. Therefore the checkpoints of a deleted run are <em>hidden</em>: they are not
/// found, read or listed as heads, but <see cref="ReadRangeAsync"/> still returns them. Storage removes a hidden checkpoint,
/// and frees its ordinal, as soon as its thread and namespace have no visible checkpoint with a greater id. A checkpoint that
/// <see cref="PruneAsync"/> keeps refers to no other.
/// </para>
/// </remarks>
public interface ICheckpointStore
{
    /// <summary>Adds a checkpoint of the attempt's thread together with the messages that it is the first to have.</summary>
    /// <exception cref="StaleAttemptException"><paramref name="attempt"/> no longer owns its run.</exception>
    /// <exception cref="CheckpointMissingException">Its parent, which its body may refer to, is not stored.</exception>
    Task PutAsync(
        RunAttempt attempt, CheckpointRecord checkpoint, IReadOnlyList<MessageRecord> messages, CancellationToken cancellationToken);

    /// <summary>Adds or replaces the outcome of a task.</summary>
    /// <exception cref="StaleAttemptException"><paramref name="attempt"/> no longer owns its run.</exception>
    /// <exception cref="CheckpointMissingException">The checkpoint is not stored.</exception>
    Task PutOutcomeAsync(RunAttempt attempt, TaskOutcomeRecord outcome, CancellationToken cancellationToken);

    /// <summary>
    /// Edits the state of a thread. Returns <see cref="WriteResult.Busy"/> while one of its runs has not ended, and
    /// <see cref="WriteResult.Changed"/> when the thread has another version.
    /// </summary>
    /// <exception cref="CheckpointMissingException">A parent, a checkpoint of an outcome, or the one to patch is not stored.</exception>
    Task<WriteResult> ApplyEditAsync(ThreadEdit edit, CancellationToken cancellationToken);

    /// <summary>
    /// Removes all checkpoints of a thread except the given ones, and the outcomes of the removed checkpoints' tasks. The given
    /// bodies, which refer to no other body, replace the stored ones. Returns the same results as <see cref="ApplyEditAsync"/>.
    /// </summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="version">The <see cref="ThreadRecord.Version"/> of the thread that was read.</param>
    /// <param name="kept">The checkpoints to keep.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<WriteResult> PruneAsync(
        ThreadId threadId, long version, IReadOnlyList<CheckpointRecord> kept, CancellationToken cancellationToken);

    /// <summary>
    /// Returns what the checkpoints of a thread occupy, in one snapshot of the data, and passes the body of each to
    /// <paramref name="visit"/>, in no particular order.
    /// </summary>
    Task<CheckpointSizes> MeasureAsync(ThreadId threadId, BodyVisitor visit, CancellationToken cancellationToken);

    /// <summary>Returns the newest checkpoint of each namespace of a thread.</summary>
    Task<IReadOnlyList<CheckpointRecord>> ListHeadsAsync(ThreadId threadId, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the newest checkpoint of the root graph of each thread, in no particular order. A thread without a checkpoint is
    /// left out. The caller limits the threads to those whose newest states fit into memory.
    /// </summary>
    Task<IReadOnlyList<CheckpointEntry>> FindHeadsAsync(IReadOnlyList<ThreadId> threadIds, CancellationToken cancellationToken);

    /// <summary>Returns checkpoints, the newest first, with the outcomes of their tasks.</summary>
    Task<CheckpointPage> ReadAsync(ThreadId threadId, string @namespace, CheckpointRange range, CancellationToken cancellationToken);

    /// <summary>Returns the checkpoint with the id, or the one with the greatest id if the id is null; null if it does not exist.</summary>
    Task<CheckpointRecord?> FindAsync(
        ThreadId threadId, string @namespace, CheckpointId? checkpointId, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the checkpoints with ordinals from <paramref name="from"/> to <paramref name="to"/>, both inclusive, up to the given
    /// one, in descending order and without their content. Hidden ones are included.
    /// </summary>
    Task<IReadOnlyList<CheckpointPlace>> ListPlacesAsync(
        ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the bodies that a checkpoint may refer to: its own and those of earlier checkpoints, hidden ones included, with
    /// ordinals from <paramref name="from"/> to <paramref name="to"/>, both inclusive, in ascending order. Returns none when
    /// the checkpoint itself was removed. All bodies come from one snapshot of the data.
    /// </summary>
    Task<IReadOnlyList<StoredBody>> ReadRangeAsync(
        ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to, CancellationToken cancellationToken);
}
