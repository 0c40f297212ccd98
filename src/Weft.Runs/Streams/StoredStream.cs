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

    // The blocks of a superstep refer to one or two states.
    private const int BasesMax = 3;

    /// <summary>
    /// Returns at most <paramref name="limit"/> events after a number, in order. It returns none only if there are none. An event
    /// whose state was removed with its checkpoint is returned as <see cref="GapPart"/>.
    /// </summary>
    public async Task<IReadOnlyList<RunEvent>> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        var read = new List<RunEvent>();
        var known = new List<StreamBase>();
        var (last, bytes) = (after, 0L);
        bool HasRoom() => read.Count < limit && bytes <= PageBytesMax;

        foreach (var block in await store.ReadAsync(run, after, limit, cancellationToken))
        {
            if (!HasRoom())
            {
                break;
            }

            var reader = new BlockReader(block, run);
            known.ForEach(state => reader.Use(state.CheckpointId, state));
            while (!reader.IsAtEnd && HasRoom())
            {
                var id = reader.Begin();
                if (reader.Seq <= last)
                {
                    reader.Read(static _ => null);
                    continue;
                }

                var found = id is null ? null : await FindAsync(id, known, cancellationToken);
                var added = reader.Read(stored => id is null ? stored.ToArray() : found?.Restore(stored));
                if (reader.MissingBaseId is { } missing)
                {
                    // Only now is the state known to be needed. The event is read again with it.
                    reader.Use(missing, await FindAsync(missing, known, cancellationToken));
                    continue;
                }

                last = added.Seq;
                bytes += added.CostBytes;
                read.Add(added);
            }
        }

        return read;
    }

    /// <summary>Finds the state of a checkpoint, also among those that were found just before.</summary>
    private async Task<StreamBase?> FindAsync(string checkpointId, List<StreamBase> known, CancellationToken cancellationToken)
    {
        if (known.Find(state => state.CheckpointId == checkpointId) is { } found)
        {
            return found;
        }

        if (await FindAsync(checkpointId, cancellationToken) is not { } added)
        {
            return null;
        }

        if (known.Count == BasesMax)
        {
            known.RemoveAt(0);
        }

        known.Add(added);
        return added;
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
