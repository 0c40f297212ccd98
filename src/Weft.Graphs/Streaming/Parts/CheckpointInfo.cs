namespace Weft.Graphs;

/// <summary>Identifies a checkpoint in a stream.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ParentId">The checkpoint that it follows; null for the first.</param>
/// <param name="Step">As <see cref="Checkpoint.Step"/>.</param>
/// <param name="Source">What made it.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record CheckpointInfo(string Id, string? ParentId, int Step, CheckpointSource Source, DateTimeOffset CreatedAt);
