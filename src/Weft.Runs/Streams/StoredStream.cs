using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads the stored events of one run in the form in which they were published.</summary>
/// <param name="store">The store of the events.</param>
/// <param name="checkpoints">The store of the states that events refer to.</param>
/// <param name="heads">The newest of these states.</param>
/// <param name="run">The run.</param>
/// <param name="schema">Returns the channels of the run's graph; null if the graph is no longer served.</param>
internal sealed class StoredStream(
    IStreamEventStore store, ICheckpointStore checkpoints, ThreadHeadCache heads, RunKey run, Func<ChannelSchema?> schema)
{
    private const int PageBytesMax = 4_000_000;

    /// <summary>
    /// Returns at most <paramref name="limit"/> events after a number, in order. It returns none only if there are none. An event
    /// whose state was removed with its checkpoint is returned as <see cref="GapPart"/>.
    /// </summary>
    public async Task<IReadOnlyList<RunEvent>> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        var read = new List<RunEvent>();
        StreamBase? known = null;
        var bytes = 0L;
        foreach (var block in await store.ReadAsync(run, after, limit, cancellationToken))
        {
            for (var reader = new BlockReader(block, run); !reader.IsAtEnd && read.Count < limit && bytes <= PageBytesMax;)
            {
                var id = reader.Begin();
                if (reader.Seq <= after)
                {
                    reader.Read(static _ => null);
                    continue;
                }

                if (id is not null && known?.CheckpointId != id)
                {
                    known = await FindAsync(id, cancellationToken);
                }

                var found = known;
                var added = reader.Read(stored => id is null ? stored.ToArray() : found?.Restore(stored));
                bytes += added.CostBytes;
                read.Add(added);
            }
        }

        return read;
    }

    private async Task<StreamBase?> FindAsync(string checkpointId, CancellationToken cancellationToken)
    {
        try
        {
            if (schema() is not { } channels)
            {
                return null;
            }

            var checkpointer = new ThreadCheckpointer(checkpoints, heads, run.ThreadId);
            var tuple = await checkpointer.FindAsync(channels, "", checkpointId, cancellationToken);
            return tuple is null ? null : StreamBase.Of(tuple.Checkpoint);
        }
        catch (UnreadableCheckpointException)
        {
            return null;
        }
    }
}
