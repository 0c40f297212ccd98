using System.Runtime.CompilerServices;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads the checkpoints of one namespace, newest first, each with the outcomes of its tasks.</summary>
internal sealed class CheckpointHistory(
    ICheckpointStore store, CheckpointReader reader, ThreadId threadId, string checkpointNamespace)
{
    private const int PageSizeMax = 25;
    private const long PageBytesMax = 4 * 1024 * 1024;
    private const long DecoderBytesMax = 32 * 1024 * 1024;

    /// <summary>Reads the checkpoints.</summary>
    /// <param name="schema">The channels of the graph.</param>
    /// <param name="before">Only checkpoints with a smaller id; null means all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerable<CheckpointTuple> ReadAsync(
        ChannelSchema schema, CheckpointId? before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var decoder = reader.NewDecoder(schema, checkpointNamespace);
        var successors = new Dictionary<CheckpointId, CheckpointRecord>();
        // A small first page shows how large bodies are. The successors of a checkpoint are newer. If the newest checkpoint is
        // read first, they have been read before it.
        var range = new CheckpointRange { Before = before, Limit = 2, WithSuccessors = before is not null };
        while (true)
        {
            var page = await store.ReadAsync(threadId, checkpointNamespace, range, cancellationToken);
            AddTo(successors, page.Successors);
            foreach (var entry in page.Entries)
            {
                AddTo(successors, [entry.Checkpoint]);
                if (await reader.DecodeAsync(decoder, entry, cancellationToken) is not { Tuple: { } tuple })
                {
                    continue;
                }

                successors.Remove(entry.Checkpoint.CheckpointId, out var successor);
                yield return WithResults(tuple, successor);
                if (decoder.KeptBytes > Math.Max(DecoderBytesMax, 2 * decoder.FirstBytes))
                {
                    decoder = reader.NewDecoder(schema, checkpointNamespace);
                }
            }

            if (page.Entries.Count < range.Limit)
            {
                yield break;
            }

            range = RangeAfter(page.Entries);
        }
    }

    /// <summary>Adds the results of the tasks of a finished superstep. They are stored with the checkpoint that follows.</summary>
    public static CheckpointTuple WithResults(CheckpointTuple tuple, CheckpointRecord? successor)
    {
        if (successor is null)
        {
            return tuple;
        }

        var completed = CheckpointCodec.DecodeCompleted(tuple.Checkpoint.Values.Schema, successor.Body, tuple.Checkpoint);
        var done = completed.Select(outcome => outcome.TaskId).ToHashSet();
        return tuple with { Outcomes = [.. tuple.Outcomes.Where(outcome => !done.Contains(outcome.TaskId)), .. completed] };
    }

    /// <summary>Returns the range of the next page. Its bytes are bounded, because the consumer may be slow.</summary>
    private static CheckpointRange RangeAfter(IReadOnlyList<CheckpointEntry> entries)
    {
        var bytes = entries.Sum(entry => entry.Checkpoint.Body.Length + entry.Outcomes.Sum(outcome => (long)outcome.Body.Length));
        return new CheckpointRange
        {
            Before = entries[^1].Checkpoint.CheckpointId,
            Limit = (int)Math.Clamp(PageBytesMax * entries.Count / Math.Max(bytes, 1), 1, PageSizeMax),
        };
    }

    /// <summary>Adds checkpoints as the successors of their parents. The newest successor of a checkpoint counts.</summary>
    private static void AddTo(Dictionary<CheckpointId, CheckpointRecord> successors, IReadOnlyList<CheckpointRecord> newestFirst)
    {
        foreach (var record in newestFirst)
        {
            if (record is { ParentId: { } parent, Source: "loop" })
            {
                successors.TryAdd(parent, record);
            }
        }
    }
}
