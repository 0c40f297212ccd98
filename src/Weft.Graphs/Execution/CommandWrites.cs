using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// The writes of a command to a checkpoint whose superstep is still open. They are stored like the outcome of a task,
/// under an id of their own, so that they survive when the run pauses again or dies.
/// </summary>
internal static class CommandWrites
{
    public const string Id = "00000000-0000-0000-0000-000000000000";

    public static TaskOutcome Outcome(Command command, TaskOutcome? before, string? runId)
    {
        IReadOnlyList<ChannelWrite> writes = command.Update?.Writes ?? [];
        return new TaskOutcome
        {
            TaskId = Id,
            Writes = new TaskWrites(
                [.. before?.Writes?.Channels ?? [], .. writes],
                [.. before?.Writes?.Routes ?? [], .. command.Goto],
                isNull: false),
            Resumes = before?.Resumes ?? [],
        }.MadeBy(runId, before);
    }

    /// <summary>Adds an answer for the first question that will be asked.</summary>
    public static TaskOutcome Outcome(JsonElement answer, TaskOutcome? before, string? runId) =>
        ((before ?? new TaskOutcome { TaskId = Id }) with { Resumes = [answer] }).MadeBy(runId, before);

    /// <summary>Applies the writes one after another, because several commands may write to one channel.</summary>
    public static Checkpoint Apply(CompiledGraph graph, Checkpoint checkpoint, TaskOutcome? outcome) => outcome?.Writes is not { } writes
        ? checkpoint
        : Go(
            graph,
            checkpoint with { Values = writes.Channels.Aggregate(checkpoint.Values, (values, write) => values.Apply([write])) },
            writes.Routes);

    /// <summary>
    /// Adds the destinations of a command to the pending tasks. The pending tasks and their ids stay. A deferred node
    /// waits for them.
    /// </summary>
    public static Checkpoint Go(CompiledGraph graph, Checkpoint checkpoint, IReadOnlyList<Destination> routes)
    {
        if (routes.Count == 0)
        {
            return checkpoint;
        }

        var named = routes
            .Where(route => !route.IsEnd)
            .Select(
                route => new PendingTask(
                    graph.GetTarget(route.Node).Name,
                    [route.Send is null ? Superstep.BranchTo(route.Node) : PendingTask.PushTrigger],
                    route.Send))
            .ToLookup(task => !task.IsPush && graph.GetNode(task.Node).Options.Defer);
        var following = new NextTasks(
            Superstep.Merge(graph, checkpoint.Next, named[false]),
            Superstep.Merge(graph, checkpoint.Deferred, named[true]),
            checkpoint.Barriers).ReleaseDeferred(graph);
        return checkpoint with { Next = following.Next, Deferred = following.Deferred };
    }
}
