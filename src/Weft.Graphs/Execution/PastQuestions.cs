namespace Weft.Graphs;

/// <summary>
/// The questions that were asked at a past checkpoint, also those of graphs inside its tasks, which have checkpoints of their own. A run
/// that answers them again continues each graph where it asked.
/// </summary>
internal static class PastQuestions
{
    /// <summary>
    /// Returns the outcomes of the tasks of a past checkpoint, with answers forgotten and the questions open again. Tasks that never
    /// asked keep their outcomes.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="checkpointer">The checkpoints of the thread.</param>
    /// <param name="checkpoint">The checkpoint, with the writes of commands applied.</param>
    /// <param name="saved">The checkpoint and its outcomes, as they are stored.</param>
    /// <param name="wanted">The ids that the run answers; null if it has one answer.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async ValueTask<IReadOnlyList<TaskOutcome>> AskAgainAsync(
        CompiledGraph graph,
        ICheckpointer checkpointer,
        Checkpoint checkpoint,
        CheckpointTuple saved,
        IReadOnlySet<string>? wanted,
        CancellationToken cancellationToken)
    {
        var outcomes = new List<TaskOutcome>();
        foreach (var task in Superstep.Plan(graph, checkpoint, saved.OutcomesById()))
        {
            if (task.Saved is not { } outcome)
            {
                continue;
            }

            var again = TaskAnswers.AskAgain(task);
            outcomes.Add(
                ReferenceEquals(again, outcome) && !IsOpen(outcome, wanted)
                && await AskedInsideAsync(checkpointer, checkpoint, task, wanted, cancellationToken) is { Count: > 0 } ids
                    ? TaskAnswers.AskAgainInside(task, ids)
                    : again);
        }

        return outcomes;
    }

    /// <summary>
    /// Finds where a graph inside a task asked: its first checkpoint with one of the ids, or else the first that asked anything; null if
    /// it did not ask.
    /// </summary>
    /// <param name="graph">The graph inside.</param>
    /// <param name="checkpointer">The checkpoints of the thread.</param>
    /// <param name="checkpointNamespace">The namespace of the graph.</param>
    /// <param name="parent">The namespace of the graph around it, and the checkpoint whose task it runs in.</param>
    /// <param name="wanted">The ids; null means any.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async ValueTask<(CheckpointTuple Checkpoint, IReadOnlyList<string> Ids)?> FindAsync(
        CompiledGraph graph,
        ICheckpointer checkpointer,
        string checkpointNamespace,
        KeyValuePair<string, string> parent,
        IReadOnlySet<string>? wanted,
        CancellationToken cancellationToken)
    {
        (CheckpointTuple Checkpoint, IReadOnlyList<string> Ids)? first = null;
        (CheckpointTuple Checkpoint, IReadOnlyList<string> Ids)? named = null;
        await foreach (var tuple in checkpointer.ReadAsync(graph.Schema, checkpointNamespace, null, cancellationToken))
        {
            // A history has the results of tasks in place of what was stored before they finished.
            if (tuple.Checkpoint.ParentIn(parent.Key) != parent.Value
                || tuple.Outcomes.Count == 0
                || await checkpointer.FindAsync(graph.Schema, checkpointNamespace, tuple.Checkpoint.Id, cancellationToken) is not { } saved)
            {
                continue;
            }

            var outcomes = await AskAgainAsync(graph, checkpointer, saved.Checkpoint, saved, wanted, cancellationToken);
            string[] ids = [.. outcomes.SelectMany(outcome => outcome.Interrupts).Select(interrupt => interrupt.Id).Distinct()];
            if (ids.Length > 0)
            {
                // Newest first, so the last one that is found is the first that asked.
                first = (saved, ids);
                named = wanted is not null && ids.Any(wanted.Contains) ? first : named;
            }
        }

        return named ?? first;
    }

    /// <summary>Whether a task still waits for an answer that the run has.</summary>
    private static bool IsOpen(TaskOutcome outcome, IReadOnlySet<string>? wanted) =>
        outcome.Interrupts.Any(interrupt => wanted?.Contains(interrupt.Id) is not false);

    private static async ValueTask<IReadOnlyList<string>> AskedInsideAsync(
        ICheckpointer checkpointer,
        Checkpoint checkpoint,
        NodeTask task,
        IReadOnlySet<string>? wanted,
        CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        foreach (var (graph, place) in task.KnownGraphs())
        {
            var asked = await FindAsync(
                graph, checkpointer, place, new(checkpoint.Namespace, checkpoint.Id), wanted, cancellationToken);
            ids.AddRange(asked?.Ids ?? []);
        }

        // Of graphs that the node does not name only the ids of the last answers are known.
        return ids.Count > 0 ? ids : [.. task.Saved!.Answers.Keys];
    }
}
