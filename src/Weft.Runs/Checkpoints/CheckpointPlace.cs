namespace Weft.Runs;

/// <summary>A stored checkpoint without its content.</summary>
/// <param name="Ordinal">Its number in its thread and namespace.</param>
/// <param name="CheckpointId">The id.</param>
/// <param name="ParentId">The checkpoint that it follows; null for the first.</param>
/// <param name="ParentOrdinal">The number of the checkpoint that it follows; null for the first, and if that was removed.</param>
/// <param name="RunId">The run that wrote it; null for an edit of the state.</param>
/// <param name="IsHidden">Whether its run was deleted.</param>
/// <param name="BodyBytes">The number of bytes of its body.</param>
public readonly record struct CheckpointPlace(
    long Ordinal, CheckpointId CheckpointId, CheckpointId? ParentId, long? ParentOrdinal, RunId? RunId, bool IsHidden, int BodyBytes);
