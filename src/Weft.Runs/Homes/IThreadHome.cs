namespace Weft.Runs;

/// <summary>The place that admits, executes and ends the runs of a thread.</summary>
internal interface IThreadHome
{
    /// <summary>Admits one run. It is stored when this returns.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="spec">What the run does.</param>
    /// <param name="threadId">The thread, which is new for a stateless run.</param>
    /// <param name="isAwaited">Whether the caller waits for the end of the run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">
    /// The thread or the assistant does not exist, the thread is busy, a queue is full, or the graph refuses the request.
    /// </exception>
    /// <exception cref="RepeatedRunException">An earlier request with the same key has created the run.</exception>
    Task<IRunHandle> AdmitAsync(
        Actor actor, RunSpec spec, ThreadId threadId, bool isAwaited, CancellationToken cancellationToken);

    /// <summary>Admits runs, each on a new thread: all of them, or none.</summary>
    /// <exception cref="WeftException">As <see cref="AdmitAsync"/>.</exception>
    Task<IReadOnlyList<IRunHandle>> AdmitAllAsync(Actor actor, IReadOnlyList<RunSpec> specs, CancellationToken cancellationToken);

    /// <summary>
    /// Cancels a run. The request is stored when this returns. A pending run has ended by then; a running one ends soon. Returns
    /// <see langword="false"/> if the run had ended before.
    /// </summary>
    Task<bool> CancelAsync(RunRecord run, CancelRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the run if it has not ended.</summary>
    Task<IRunHandle?> FindAsync(RunRecord run, CancellationToken cancellationToken);

    /// <summary>Returns the event log of a run that may have ended.</summary>
    ValueTask<RunStream> OpenStreamAsync(RunRecord run, CancellationToken cancellationToken);

    /// <summary>Starts to follow the runs of a thread. See <see cref="RunStreams.Follow"/>.</summary>
    ValueTask<ThreadStreamReader> FollowAsync(
        string owner,
        ThreadId threadId,
        (RunStream Stream, long After)? resumed,
        long? startOrder,
        IReadOnlyList<string>? modes,
        CancellationToken cancellationToken);

    /// <summary>Starts to read the log of a thread. See <see cref="RunStreams.FollowLog"/>.</summary>
    ValueTask<ThreadLogReader> FollowLogAsync(string owner, ThreadId threadId, long after, CancellationToken cancellationToken);

    /// <summary>Notifies the readers of a thread that a client has edited its state.</summary>
    ValueTask EditedAsync(ThreadId threadId, CheckpointAddress address);

    /// <summary>Removes the logs of a thread that was deleted, and notifies its readers.</summary>
    void Deleted(ThreadId threadId);

    /// <summary>Returns the number of the newest event in the log of a thread; 0 if no run of it has started.</summary>
    ValueTask<long> FindLastSeqAsync(ThreadRecord thread, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a run with its checkpoints. An unfinished run is cancelled first. Returns <see langword="false"/> if the run does
    /// not exist.
    /// </summary>
    /// <exception cref="WeftException">
    /// Another run of the thread is running, and it builds on the checkpoints to remove.
    /// </exception>
    Task<bool> DeleteAsync(RunRecord run, CancellationToken cancellationToken);

    /// <summary>Cancels the runs of a thread and waits until none is left.</summary>
    Task EndAllAsync(ThreadId threadId, CancellationToken cancellationToken);
}
