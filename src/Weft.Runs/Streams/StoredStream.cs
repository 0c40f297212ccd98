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

    private static readonly StreamPayload Nothing = StreamPayload.FromUtf8("null"u8.ToArray());

    /// <summary>
    /// Returns at most <paramref name="limit"/> events after a number, in order. It returns none only if there are none. An event
    /// whose state was removed with its checkpoint is returned as <see cref="RunEvents.Gap"/>.
    /// </summary>
    public async Task<IReadOnlyList<RunEvent>> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        var read = new List<RunEvent>();
        StreamBase? known = null;
        var bytes = 0L;
        foreach (var record in await store.ReadAsync(run, after, limit, cancellationToken))
        {
            if (record.Base is not { } id)
            {
                read.Add(new RunEvent(record.Seq, record.Event, RunPayloads.Read(record.Event, record.Data), record.CreatedAt));
            }
            else
            {
                known = known?.CheckpointId == id.ToString() ? known : await FindAsync(id.ToString(), cancellationToken);
                read.Add(known?.Restore(record.Data) is { } json
                    ? new RunEvent(record.Seq, record.Event, StreamPayload.FromUtf8(json), record.CreatedAt)
                    : new RunEvent(record.Seq, RunEvents.Gap, Nothing, record.CreatedAt));
            }

            bytes += read[^1].Payload.Length;
            if (bytes > PageBytesMax)
            {
                break;
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
