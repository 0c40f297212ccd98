using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Keeps the checkpoints of threads and the outcomes of their pending tasks.</summary>
/// <remarks>
/// Every implementation passes <c>CheckpointStoreContract</c>; what that suite does not check is not promised.
/// A task that completes means that the change is committed. Writes of one thread take effect in the order of the calls,
/// whichever store they are made to and whether or not each is awaited before the next; nothing is promised across threads.
/// A checkpoint, an outcome or an edit that is written again, as when the answer was lost, is stored once.
/// <para>
/// Bodies refer to bodies with smaller ordinals. So when a run is deleted, its checkpoints are <em>hidden</em>: no longer found,
/// read or listed as heads, but still returned by <see cref="ReadRangeAsync"/>. A hidden checkpoint is removed as soon as no
/// checkpoint of its thread and namespace with a greater id is left that is not hidden; its ordinal is free then. A checkpoint
/// that is kept by <see cref="PruneAsync"/> refers to none.
/// </para>
/// </remarks>
public interface ICheckpointStore
{
    /// <summary>Adds a checkpoint of the attempt's thread, and entries of the thread's event log with it.</summary>
    /// <exception cref="StaleAttemptException"><paramref name="attempt"/> no longer owns its run.</exception>
    /// <exception cref="CheckpointMissingException">Its parent, which its body may refer to, is not stored.</exception>
    Task PutAsync(
        RunAttempt attempt, CheckpointRecord checkpoint, IReadOnlyList<RunEventRecord> events, CancellationToken cancellationToken);

    /// <summary>Adds the outcome of a task, or replaces the one it had.</summary>
    /// <exception cref="StaleAttemptException"><paramref name="attempt"/> no longer owns its run.</exception>
    /// <exception cref="CheckpointMissingException">The checkpoint is not stored.</exception>
    Task PutOutcomeAsync(RunAttempt attempt, TaskOutcomeRecord outcome, CancellationToken cancellationToken);

    /// <summary>
    /// Edits the state of a thread: <see cref="WriteResult.Busy"/> while a run of it has not ended, <see cref="WriteResult.Changed"/>
    /// when it has another version.
    /// </summary>
    /// <exception cref="CheckpointMissingException">A parent, or a checkpoint of an outcome, is not stored.</exception>
    Task<WriteResult> ApplyEditAsync(ThreadEdit edit, CancellationToken cancellationToken);

    /// <summary>
    /// Removes all checkpoints of a thread but these, whose bodies become the given ones, which refer to no other, and the
    /// outcomes of the tasks of those that are removed. Refused as <see cref="ApplyEditAsync"/> is.
    /// </summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="version">The <see cref="ThreadRecord.Version"/> of the thread that was read.</param>
    /// <param name="kept">The checkpoints to keep.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<WriteResult> PruneAsync(
        ThreadId threadId, long version, IReadOnlyList<CheckpointRecord> kept, CancellationToken cancellationToken);

    /// <summary>Returns the newest checkpoint of each namespace of a thread.</summary>
    Task<IReadOnlyList<CheckpointRecord>> ListHeadsAsync(ThreadId threadId, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the newest checkpoint of the root graph of each of the threads, in no order; none for a thread that has none. The
    /// threads are as many as fit into memory with their newest states.
    /// </summary>
    Task<IReadOnlyList<CheckpointEntry>> FindHeadsAsync(IReadOnlyList<ThreadId> threadIds, CancellationToken cancellationToken);

    /// <summary>Returns checkpoints, the newest first, with the outcomes of their tasks.</summary>
    Task<CheckpointPage> ReadAsync(ThreadId threadId, string @namespace, CheckpointRange range, CancellationToken cancellationToken);

    /// <summary>Returns the checkpoint of that id, or the one with the greatest id when it is null; null when there is none.</summary>
    Task<CheckpointRecord?> FindAsync(
        ThreadId threadId, string @namespace, CheckpointId? checkpointId, CancellationToken cancellationToken);

    /// <summary>
    /// Returns what a checkpoint may refer to: the bodies of those before it, and its own, with an ordinal from
    /// <paramref name="from"/> to <paramref name="to"/>, both included, in ascending order, removed ones too; none when the
    /// checkpoint itself is removed. All of it is from one state of the data.
    /// </summary>
    Task<IReadOnlyList<StoredBody>> ReadRangeAsync(
        ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to, CancellationToken cancellationToken);
}
