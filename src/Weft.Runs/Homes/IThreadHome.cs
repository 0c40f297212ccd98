namespace Weft.Runs;

/// <summary>The place where the runs of a thread live: where they are admitted, executed and ended.</summary>
internal interface IThreadHome
{
    /// <summary>Admits one run. It is stored when this returns.</summary>
    /// <exception cref="WeftException">The thread or the assistant is unknown, the thread is busy, a queue is full, or the graph refuses the request.</exception>
    Task<IRunHandle> AdmitAsync(Actor actor, RunSpec spec, ThreadId threadId, CancellationToken cancellationToken);

    /// <summary>Admits runs on new threads of their own: all of them, or none.</summary>
    /// <exception cref="WeftException">As <see cref="AdmitAsync"/>.</exception>
    Task<IReadOnlyList<IRunHandle>> AdmitAllAsync(Actor actor, IReadOnlyList<RunSpec> specs, CancellationToken cancellationToken);

    /// <summary>
    /// Cancels a run. The request is stored when this returns. A pending run has ended by then; a running one ends soon.
    /// <see langword="false"/> when the run has ended before.
    /// </summary>
    Task<bool> CancelAsync(RunRecord run, CancelRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the run if it has not ended.</summary>
    Task<IRunHandle?> FindAsync(RunRecord run, CancellationToken cancellationToken);

    /// <summary>Returns the event log of a run, whether the run goes on or has ended.</summary>
    ValueTask<RunStream> OpenStreamAsync(RunRecord run, CancellationToken cancellationToken);

    /// <summary>Begins to follow the runs of a thread. See <see cref="RunStreams.Follow"/>.</summary>
    ThreadStreamReader Follow(ThreadId threadId, (RunStream Stream, long After)? resumed, bool fromStart, IReadOnlyList<string>? modes);

    /// <summary>Removes a run with its checkpoints; an unfinished one is cancelled first. <see langword="false"/> when the run does not exist.</summary>
    /// <exception cref="WeftException">Another run of the thread is running. It builds on the checkpoints that would be removed.</exception>
    Task<bool> DeleteAsync(RunRecord run, CancellationToken cancellationToken);

    /// <summary>Cancels the runs of a thread and waits until none is left.</summary>
    Task EndAllAsync(ThreadId threadId, CancellationToken cancellationToken);
}
