namespace Weft.Graphs;

/// <summary>A checkpoint with the known outcomes of the tasks of its next superstep.</summary>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Outcomes">Outcomes of its tasks, in any order.</param>
public sealed record CheckpointTuple(Checkpoint Checkpoint, IReadOnlyList<TaskOutcome> Outcomes)
{
    /// <summary>From as many outcomes on, an index pays.</summary>
    private const int IndexMin = 8;

    /// <summary>Returns the outcome of a task; null if it is not known.</summary>
    public TaskOutcome? FindOutcome(string taskId) => Outcomes.FirstOrDefault(outcome => outcome.TaskId == taskId);

    /// <summary>Returns <see cref="FindOutcome"/> for many tasks: a superstep may have tens of thousands.</summary>
    internal Func<string, TaskOutcome?> OutcomesById()
    {
        if (Outcomes.Count < IndexMin)
        {
            return FindOutcome;
        }

        var outcomes = new Dictionary<string, TaskOutcome>(Outcomes.Count);
        foreach (var outcome in Outcomes)
        {
            outcomes.TryAdd(outcome.TaskId, outcome);
        }

        return outcomes.GetValueOrDefault;
    }
}
