namespace Weft.Graphs;

/// <summary>A checkpoint as it is stored. Its body contains the changes, and references to the other values.</summary>
/// <param name="Ordinal">
/// Its number among the stored checkpoints of its thread and namespace, by which bodies refer to each other.
/// </param>
/// <param name="Id">The checkpoint's id.</param>
/// <param name="ParentId">The id of the checkpoint that it follows.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="RunId">The run that made it.</param>
/// <param name="Metadata">The metadata: a JSON object.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Body">The body, encoded by <see cref="CheckpointCodec"/>.</param>
internal sealed record StoredCheckpoint(
    long Ordinal,
    string Id,
    string? ParentId,
    string Namespace,
    string? RunId,
    string Metadata,
    DateTimeOffset CreatedAt,
    ReadOnlyMemory<byte> Body);
