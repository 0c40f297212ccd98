using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Copies threads with their stored states (docs/protocol/threads.md E8).</summary>
internal sealed class ThreadCopies(
    IThreadStore threads,
    ICheckpointStore checkpoints,
    AssistantDirectory assistants,
    ThreadHeadCache heads,
    ThreadOutcomes outcomes,
    SharedClock time)
{
    private const int TriesMax = 50;

    /// <summary>
    /// Copies a thread. Repeats that if a run of the thread stores a checkpoint in the meantime. Returns the id of the copy.
    /// </summary>
    /// <exception cref="WeftException">The actor has no such thread, or it changes faster than it can be copied.</exception>
    public async Task<ThreadId> CopyAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken)
    {
        var copyId = ThreadId.New(time);
        for (var tries = 1; ; tries++)
        {
            var thread = await threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
            switch (await threads.CopyAsync(await CopyOfAsync(actor, thread, copyId, cancellationToken), cancellationToken))
            {
                case WriteResult.Applied:
                    return copyId;
                case WriteResult.Changed when tries < TriesMax:
                    // A run of the thread is storing checkpoints.
                    await Task.Yield();
                    break;
                case WriteResult.Missing:
                    throw WeftException.ThreadNotFound(threadId);
                default:
                    throw new WeftException(
                        ProblemKind.Conflict,
                        $"Thread {threadId} changes faster than it can be copied. Try again when its run has ended.");
            }
        }
    }

    private async Task<ThreadCopy> CopyOfAsync(Actor actor, ThreadRecord thread, ThreadId copyId, CancellationToken cancellationToken)
    {
        var graph = assistants.GraphOf(thread);
        var checkpointer = new ThreadCheckpointer(checkpoints, heads, thread.ThreadId);
        var head = graph is null ? null : await checkpointer.FindReadableAsync(graph.Schema, cancellationToken);
        return new ThreadCopy
        {
            Actor = actor,
            ThreadId = thread.ThreadId,
            CopyId = copyId,
            Metadata = actor.Stamped(thread.Metadata) is var stamped && stamped != thread.Metadata ? stamped : null,
            Version = thread.Version,
            HeadId = head is null ? null : CheckpointId.Parse(head.Checkpoint.Id),
            Outcome = head is null ? null : outcomes.Of(StateSnapshot.Of(graph, head), null, isBusy: false),
            Now = time.GetUtcNow(),
        };
    }
}
