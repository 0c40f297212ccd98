namespace Weft.Graphs;

/// <summary>A checkpoint with what is known of the tasks of its next superstep.</summary>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Outcomes">Outcomes of its tasks, in no order.</param>
public sealed record CheckpointTuple(Checkpoint Checkpoint, IReadOnlyList<TaskOutcome> Outcomes)
{
    /// <summary>Returns the outcome of a task, when there is one.</summary>
    public TaskOutcome? FindOutcome(string taskId) => Outcomes.FirstOrDefault(outcome => outcome.TaskId == taskId);
}
