using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Decodes the stored checkpoints of one thread.</summary>
internal sealed class CheckpointReader(ICheckpointStore store, ThreadId threadId)
{
    /// <summary>Makes a decoder for checkpoints of one namespace.</summary>
    public CheckpointDecoder NewDecoder(ChannelSchema schema, string checkpointNamespace) => new(
        schema,
        async (checkpointId, from, to, cancellationToken) =>
            await store.ReadRangeAsync(threadId, checkpointNamespace, CheckpointId.Parse(checkpointId), from, to, cancellationToken));

    /// <summary>Decodes a checkpoint; null if it was removed after it was read.</summary>
    public async ValueTask<Decoded?> DecodeAsync(CheckpointDecoder decoder, CheckpointEntry entry, CancellationToken cancellationToken)
    {
        Checkpoint checkpoint;
        StoredState state;
        try
        {
            (checkpoint, state) = await decoder.DecodeAsync(entry.Checkpoint.ToStored(), cancellationToken);
        }
        catch (InvalidDataException)
        {
            // Readers do not lock the thread, so a rollback may have removed the checkpoint, or pruning the checkpoints
            // to which it refers.
            var record = entry.Checkpoint;
            var range = new CheckpointRange { Id = record.CheckpointId, Limit = 1 };
            var page = await store.ReadAsync(threadId, record.Namespace, range, cancellationToken);
            if (page.Entries is not [var now])
            {
                return null;
            }

            if (now.Checkpoint.Body.Span.SequenceEqual(record.Body.Span))
            {
                throw;
            }

            entry = now;
            decoder = NewDecoder(decoder.Schema, record.Namespace);
            (checkpoint, state) = await decoder.DecodeAsync(now.Checkpoint.ToStored(), cancellationToken);
        }

        if (checkpoint.Next.Count == 0 || entry.Outcomes.Count == 0)
        {
            return new Decoded(new CheckpointTuple(checkpoint, []), state, OutcomeBytes: 0);
        }

        var schema = checkpoint.Values.Schema;
        return new Decoded(
            // Those that a rollback took back are empty.
            new CheckpointTuple(
                checkpoint,
                [
                    .. entry.Outcomes.Select(outcome => CheckpointCodec.DecodeOutcome(schema, outcome.Body))
                        .Where(static outcome => !outcome.IsEmpty),
                ]),
            state,
            entry.Outcomes.Sum(outcome => (long)outcome.Body.Length));
    }

    /// <summary>A checkpoint as it was read.</summary>
    /// <param name="Tuple">The checkpoint with the outcomes of its tasks.</param>
    /// <param name="State">Where its values are stored.</param>
    /// <param name="OutcomeBytes">The stored size of the outcomes, in bytes.</param>
    public readonly record struct Decoded(CheckpointTuple Tuple, StoredState State, long OutcomeBytes);
}
