namespace Weft.Runs;

/// <summary>Checkpoints with the outcomes of their tasks, from one snapshot of the data.</summary>
/// <param name="Entries">The checkpoints, the newest first.</param>
/// <param name="Successors">
/// The checkpoints of source <c>loop</c> that <see cref="CheckpointRange.WithSuccessors"/> asks for, the newest first.
/// </param>
public sealed record CheckpointPage(IReadOnlyList<CheckpointEntry> Entries, IReadOnlyList<CheckpointRecord> Successors);

/// <summary>A checkpoint with the outcomes of the tasks of its superstep.</summary>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Outcomes">The outcomes, ordered by task id.</param>
public sealed record CheckpointEntry(CheckpointRecord Checkpoint, IReadOnlyList<TaskOutcomeRecord> Outcomes);
