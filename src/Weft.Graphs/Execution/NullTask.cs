namespace Weft.Graphs;

/// <summary>
/// What a command writes to a checkpoint whose superstep is still open. It is kept like the outcome of a task, under an id of
/// its own, so that it is still there when the run pauses again or dies.
/// </summary>
internal static class NullTask
{
    public const string Id = "00000000-0000-0000-0000-000000000000";

    public static TaskOutcome Outcome(Command command, TaskOutcome? before, string? runId)
    {
        IReadOnlyList<ChannelWrite> writes = command.Update?.Writes ?? [];
        return new TaskOutcome
        {
            TaskId = Id,
            Writes = new TaskWrites([.. before?.Writes?.Channels ?? [], .. writes], [.. before?.Writes?.Routes ?? [], .. command.Goto], isNull: false),
            ResumedBy = runId,
        };
    }

    public static Checkpoint Apply(CompiledGraph graph, Checkpoint checkpoint, TaskOutcome? outcome) => outcome?.Writes is not { } writes
        ? checkpoint
        : Go(graph, checkpoint with { Values = checkpoint.Values.Apply(writes.Channels) }, writes.Routes);

    /// <summary>Adds what a command names to the tasks that are pending; those stay, and so do their ids.</summary>
    public static Checkpoint Go(CompiledGraph graph, Checkpoint checkpoint, IReadOnlyList<Destination> routes)
    {
        if (routes.Count == 0)
        {
            return checkpoint;
        }

        var next = checkpoint.Next.ToList();
        foreach (var route in routes)
        {
            if (route.Node == StateGraph.End)
            {
                continue;
            }

            var node = graph.GetNode(route.Node).Name;
            if (route.Send is { } send)
            {
                next.Add(new PendingTask(node, [PendingTask.PushTrigger], send));
            }
            else if (!next.Exists(other => other.Send is null && other.Node == node))
            {
                next.Add(new PendingTask(node, [Superstep.BranchTo(node)]));
            }
        }

        return checkpoint with { Next = next };
    }
}
