using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads the stored events of one run as they were told.</summary>
/// <param name="store">Where they are.</param>
/// <param name="checkpoints">Where the states are that they show.</param>
/// <param name="heads">The newest of these.</param>
/// <param name="run">The run.</param>
/// <param name="schema">The channels of its graph; null when that is no longer served.</param>
internal sealed class StoredStream(IStreamEventStore store, ICheckpointStore checkpoints, ThreadHeadCache heads, RunKey run, Func<ChannelSchema?> schema)
{
    private const int PageBytesMax = 4_000_000;

    private static readonly StreamPayload Nothing = StreamPayload.FromUtf8("null"u8.ToArray());

    /// <summary>
    /// Returns at most <paramref name="limit"/> events after a number, in order; none only when there are none. One whose state
    /// is gone with its checkpoint comes as <see cref="RunEvents.Gap"/>.
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
                read.Add(known?.PutBack(record.Data) is { } json
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
            return schema() is { } channels && await new ThreadCheckpointer(checkpoints, heads, run.ThreadId).FindAsync(channels, "", checkpointId, cancellationToken) is { } tuple
                ? StreamBase.Of(tuple.Checkpoint)
                : null;
        }
        catch (UnreadableCheckpointException)
        {
            return null;
        }
    }
}
