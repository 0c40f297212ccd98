using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Converts checkpoints of the engine to records of a store and back.</summary>
internal static class CheckpointRecords
{
    public static CheckpointRecord Of(ThreadId threadId, RunId? runId, Checkpoint checkpoint, long ordinal, ReadOnlyMemory<byte> body) =>
        new()
        {
            ThreadId = threadId,
            Namespace = checkpoint.Namespace,
            CheckpointId = CheckpointId.Parse(checkpoint.Id),
            ParentId = checkpoint.ParentId is { } parent ? CheckpointId.Parse(parent) : null,
            RunId = runId,
            Ordinal = ordinal,
            Source = checkpoint.Source switch
            {
                CheckpointSource.Input => "input",
                CheckpointSource.Loop => "loop",
                CheckpointSource.Update => "update",
                _ => "fork",
            },
            Metadata = checkpoint.Metadata,
            Body = body,
            CreatedAt = checkpoint.CreatedAt,
        };

    public static StoredCheckpoint ToStored(this CheckpointRecord record) => new(
        record.Ordinal,
        record.CheckpointId.ToString(),
        record.ParentId?.ToString(),
        record.Namespace,
        record.RunId?.ToString(),
        record.Metadata,
        record.CreatedAt,
        record.Body);
}
