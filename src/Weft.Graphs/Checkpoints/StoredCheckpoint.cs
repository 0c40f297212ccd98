namespace Weft.Graphs;

/// <summary>
/// A checkpoint in the form in which it is stored: its body holds what changed, and says where the rest is.
/// </summary>
/// <param name="Ordinal">Its number among the stored checkpoints of its thread and namespace, by which bodies refer to
/// each other.</param>
/// <param name="Id">The checkpoint's id.</param>
/// <param name="ParentId">The id of the one it follows.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="RunId">The run that made it.</param>
/// <param name="Metadata">The metadata: a JSON object.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Body">What <see cref="CheckpointCodec"/> encoded.</param>
internal sealed record StoredCheckpoint(
    long Ordinal,
    string Id,
    string? ParentId,
    string Namespace,
    string? RunId,
    string Metadata,
    DateTimeOffset CreatedAt,
    ReadOnlyMemory<byte> Body);
