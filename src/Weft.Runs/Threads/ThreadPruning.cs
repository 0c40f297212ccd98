using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Removes threads, or all checkpoints of a thread except the newest. Checkpoints that a run builds on are kept.
/// </summary>
internal sealed class ThreadPruning(
    IThreadStore threads,
    ICheckpointStore checkpoints,
    AssistantDirectory assistants,
    IThreadHomes homes,
    ThreadHeadCache heads,
    SharedClock time)
{
    private const int ExpiredMax = 1_000;
    private const int TriesMax = 5;

    /// <summary>Prunes expired threads. A thread with a run that has not ended is left for a later sweep.</summary>
    /// <exception cref="AggregateException">Some threads could not be pruned. The others were.</exception>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        foreach (var expired in await threads.ListExpiredAsync(time.GetUtcNow(), ExpiredMax, cancellationToken))
        {
            try
            {
                await PruneExpiredAsync(new Actor(expired.Owner), expired.ThreadId, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    /// <summary>
    /// Removes all checkpoints except the newest. Returns <see langword="false"/> if a run of the thread has not ended, or if its
    /// graph is unknown or can't read the checkpoints.
    /// </summary>
    public async Task<bool> TryKeepLatestAsync(ThreadRecord thread, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var result = await KeepLatestAsync(thread, cancellationToken);
            if (result != WriteResult.Changed || tries == TriesMax)
            {
                return result == WriteResult.Applied;
            }

            if (await threads.FindAsync(new Actor(thread.Owner), thread.ThreadId, cancellationToken) is not { } now)
            {
                return false;
            }

            thread = now;
        }
    }

    private async Task PruneExpiredAsync(Actor owner, ThreadId threadId, CancellationToken cancellationToken)
    {
        // Its time to live may have been changed since.
        if (await threads.FindAsync(owner, threadId, cancellationToken) is not { Ttl: { } ttl } thread
            || thread.ExpiresAt > time.GetUtcNow())
        {
            return;
        }

        if (ttl.Strategy == PruneStrategy.Delete)
        {
            if (await threads.DeleteAsync(owner, threadId, thread.Version, cancellationToken) == WriteResult.Applied)
            {
                heads.Remove(threadId);
                homes.Of(threadId).Deleted(threadId);
            }
        }
        else if (await KeepLatestAsync(thread, cancellationToken) is WriteResult.Applied or WriteResult.Missing)
        {
            await threads.PatchAsync(owner, threadId, metadata: null, ttl, time.GetUtcNow(), cancellationToken);
        }
    }

    /// <summary>
    /// Keeps the newest checkpoint of the root graph. It also keeps the newest one of each subgraph whose state is still needed:
    /// subgraphs that keep their state from run to run, and those of unfinished tasks, whose checkpoints are newer than the
    /// root's. Returns <see cref="WriteResult.Missing"/> if the graph is unknown or can't read the checkpoints.
    /// </summary>
    private async Task<WriteResult> KeepLatestAsync(ThreadRecord thread, CancellationToken cancellationToken)
    {
        if (thread.Status == ThreadStatus.Busy)
        {
            return WriteResult.Busy;
        }

        if (assistants.GraphOf(thread) is not { } graph)
        {
            return WriteResult.Missing;
        }

        List<CheckpointRecord>? kept;
        try
        {
            kept = await FindKeptAsync(thread.ThreadId, graph, cancellationToken);
        }
        catch (UnreadableCheckpointException)
        {
            // The earlier version of the graph may be served again, and then needs all checkpoints.
            return WriteResult.Missing;
        }

        if (kept is null)
        {
            return WriteResult.Changed;
        }

        var result = await checkpoints.PruneAsync(thread.ThreadId, thread.Version, kept, cancellationToken);
        heads.Remove(thread.ThreadId);
        return result;
    }

    /// <summary>Returns the checkpoints to keep, each with a whole body; null if one of them was removed in the meantime.</summary>
    private async Task<List<CheckpointRecord>?> FindKeptAsync(
        ThreadId threadId, CompiledGraph graph, CancellationToken cancellationToken)
    {
        var newest = await checkpoints.ListHeadsAsync(threadId, cancellationToken);
        var root = newest.FirstOrDefault(head => head.Namespace.Length == 0)?.CheckpointId;
        var checkpointer = new ThreadCheckpointer(checkpoints, heads, threadId);
        var kept = new List<CheckpointRecord>();
        foreach (var head in newest.Where(head => IsOfUse(head, root)))
        {
            // The schema of an unknown graph is the stored one.
            var schema = graph.FindGraph(head.Namespace)?.Schema ?? ChannelSchema.AsStored;
            var id = head.CheckpointId.ToString();
            if (await checkpointer.FindAsync(schema, head.Namespace, id, cancellationToken) is not { } tuple)
            {
                return null;
            }

            kept.Add(head with { Body = CheckpointCodec.Encode(tuple.Checkpoint, head.Ordinal, null).Body });
        }

        return kept;
    }

    private static bool IsOfUse(CheckpointRecord head, CheckpointId? root) =>
        head.Namespace.Length == 0
        || !head.Namespace.Contains(':')
        || root is null
        || head.CheckpointId.Value.CompareTo(root.Value.Value) > 0;
}
