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
        foreach (var record in await store.ReadAsync(run, after, limit, cancellationToken))
        {
            if (record.Base is { } id && known?.CheckpointId != id.ToString())
            {
                known = await FindAsync(id.ToString(), cancellationToken);
            }

            read.Add(new RunEvent(record.Seq, PartOf(record, record.Base is null ? null : known), record.CreatedAt));
            bytes += record.Base is null ? record.Data.Length : known?.Utf8.Length ?? 0;
            if (bytes > PageBytesMax)
            {
                break;
            }
        }

        return read;
    }

    private StreamPart PartOf(StreamEventRecord record, StreamBase? known)
    {
        byte[]? Restore(ReadOnlyMemory<byte> stored) => record.Base is null ? stored.ToArray() : known?.Restore(stored);
        if (record.Format is not null)
        {
            return Decode(record, Restore) ?? GapPart.Instance;
        }

        return Restore(record.Data) is { } json ? FirstProtocolEvents.Read(run, record.Event, json) : GapPart.Instance;
    }

    /// <summary>Returns the part; null if it is in a form that this version does not know, or damaged.</summary>
    private static StreamPart? Decode(StreamEventRecord record, Func<ReadOnlyMemory<byte>, byte[]?> restore)
    {
        try
        {
            return record.Format == PartKinds.Format ? PartDecoder.Decode(record, restore) : null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IndexOutOfRangeException or InvalidOperationException)
        {
            return null;
        }
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
