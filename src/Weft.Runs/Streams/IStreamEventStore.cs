namespace Weft.Runs;

/// <summary>Keeps the stream events of resumable runs, so that they can be replayed after a restart.</summary>
/// <remarks>
/// Every implementation passes <c>StreamEventStoreContract</c>. Writes of one thread take effect in the order of the calls.
/// </remarks>
public interface IStreamEventStore
{
    /// <summary>
    /// Appends events. A block that begins with the same event as a stored one replaces it: it has the same events, and possibly
    /// more.
    /// </summary>
    /// <exception cref="StaleAttemptException">The attempt no longer owns the run.</exception>
    Task AppendAsync(RunAttempt attempt, IReadOnlyList<StreamBlock> events, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the blocks, in order, that have events with a greater number than <paramref name="afterSeq"/>, until there are
    /// <paramref name="limit"/> such events. Pages of large blocks are shorter, but a page is empty only if no such event exists.
    /// </summary>
    Task<IReadOnlyList<StreamBlock>> ReadAsync(RunKey run, long afterSeq, int limit, CancellationToken cancellationToken);

    /// <summary>Returns the number of the last event of a run; null if it has none.</summary>
    Task<long?> FindLastSeqAsync(RunKey run, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the run that started next after another run of the thread; null if there is none. Of runs without stored events only
    /// those are found that are among the sixteen newest of the thread, so that the cost does not depend on how many it has.
    /// </summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="startOrder">The <see cref="RunRecord.StartOrder"/> of the other run; 0 finds the first one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<RunRecord?> FindNextRunAsync(ThreadId threadId, long startOrder, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the first blocks of each run whose events have more than <paramref name="bytesMax"/> bytes of data, until they
    /// fit. The newest block of a run is always kept. Returns the number of removed events.
    /// </summary>
    Task<int> DeleteFirstAsync(long bytesMax, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the events of ended runs, the oldest first, until all events together have at most <paramref name="bytesMax"/>
    /// bytes of data. Returns the number of removed events.
    /// </summary>
    Task<int> DeleteOldestAsync(long bytesMax, CancellationToken cancellationToken);

    /// <summary>Removes the events of runs that ended before <paramref name="cutoff"/>. Returns the number of removed events.</summary>
    Task<int> DeleteEndedBeforeAsync(DateTimeOffset cutoff, CancellationToken cancellationToken);
}
