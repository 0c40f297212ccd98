using System.Runtime.CompilerServices;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads the values of threads, as far as their graphs are served and can read them.</summary>
internal sealed class ThreadViews(ICheckpointStore checkpoints, AssistantDirectory assistants, ThreadHeadCache heads)
{
    // The states of so many threads are read at once, and kept as they are stored until each is asked for.
    private const int ChunkSize = 16;

    /// <summary>Reads the values of a thread.</summary>
    public ValueTask<ThreadView> ReadAsync(ThreadRecord thread, CancellationToken cancellationToken) =>
        ReadAsync(thread, null, cancellationToken);

    /// <summary>Reads the values of threads, a few at a time.</summary>
    public async IAsyncEnumerable<ThreadView> ReadAllAsync(
        IAsyncEnumerable<ThreadRecord> threads, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var chunk in threads.Chunk(ChunkSize).WithCancellation(cancellationToken))
        {
            var prefetched = await PrefetchAsync(chunk, cancellationToken);
            foreach (var thread in chunk)
            {
                var isPrefetched = prefetched.TryGetValue(thread.ThreadId, out var found);
                yield return await ReadAsync(thread, isPrefetched ? found : null, cancellationToken);
            }
        }
    }

    private async ValueTask<Dictionary<ThreadId, PrefetchedHead>> PrefetchAsync(ThreadRecord[] threads, CancellationToken cancellationToken)
    {
        var prefetched = threads.Where(thread => !heads.TryGet(thread.ThreadId, out _))
            .ToDictionary(thread => thread.ThreadId, thread => new PrefetchedHead(null, heads.VersionOf(thread.ThreadId)));
        if (prefetched.Count < 2)
        {
            return [];
        }

        foreach (var entry in await checkpoints.FindHeadsAsync([.. prefetched.Keys], cancellationToken))
        {
            var threadId = entry.Checkpoint.ThreadId;
            prefetched[threadId] = prefetched[threadId] with { Entry = entry };
        }

        return prefetched;
    }

    private async ValueTask<ThreadView> ReadAsync(ThreadRecord thread, PrefetchedHead? prefetched, CancellationToken cancellationToken)
    {
        if (assistants.GraphOf(thread) is not { } graph)
        {
            return new ThreadView(thread, null);
        }

        var checkpointer = new ThreadCheckpointer(checkpoints, heads, thread.ThreadId) { Prefetched = prefetched };
        var head = await checkpointer.FindReadableAsync(graph.Schema, cancellationToken);
        return new ThreadView(thread, head is null ? null : StateSnapshot.ValuesOf(graph, head));
    }
}
