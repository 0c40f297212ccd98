namespace Weft.Graphs;

/// <summary>
/// Takes back what a run left at checkpoints that it did not make: its answers, its commands, and what tasks did with them.
/// </summary>
internal static class RunUndo
{
    /// <summary>Restores the outcomes at a checkpoint, and those of known graphs inside its tasks.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="checkpointer">The checkpoints of the thread.</param>
    /// <param name="checkpoint">The checkpoint at which the run began.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async ValueTask UndoAsync(
        CompiledGraph graph, ICheckpointer checkpointer, Checkpoint checkpoint, string runId, CancellationToken cancellationToken)
    {
        // A history has the results of tasks in place of what was stored before they finished.
        if (await checkpointer.FindAsync(graph.Schema, checkpoint.Namespace, checkpoint.Id, cancellationToken) is not { } saved
            || !saved.Outcomes.Any(outcome => outcome.ResumedBy == runId))
        {
            return;
        }

        foreach (var task in Superstep.Plan(graph, saved.Checkpoint, saved.OutcomesById()).Where(task => task.Saved?.ResumedBy == runId))
        {
            foreach (var (inside, place) in task.KnownGraphs())
            {
                await foreach (var tuple in checkpointer.ReadAsync(inside.Schema, place, null, cancellationToken))
                {
                    if (tuple.Checkpoint.RunId != runId && tuple.Checkpoint.ParentIn(saved.Checkpoint.Namespace) == saved.Checkpoint.Id)
                    {
                        await UndoAsync(inside, checkpointer, tuple.Checkpoint, runId, cancellationToken);
                    }
                }
            }
        }

        // After the graphs inside, which are found by the outcomes of their tasks if this is interrupted and done again.
        foreach (var outcome in saved.Outcomes.Where(outcome => outcome.ResumedBy == runId))
        {
            var before = outcome.Before
                ?? (outcome.TaskId == CommandWrites.Id ? new TaskOutcome { TaskId = outcome.TaskId } : null);
            if (before is not null)
            {
                await checkpointer.PutOutcomeAsync(saved.Checkpoint, before, cancellationToken);
            }
        }
    }
}
