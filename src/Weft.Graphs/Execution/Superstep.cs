namespace Weft.Graphs;

/// <summary>
/// The pure part of a superstep: from a checkpoint to its tasks, and from their writes to the next state and tasks.
/// </summary>
internal static class Superstep
{
    private static readonly string[] PushTriggers = [PendingTask.PushTrigger];

    /// <summary>
    /// Makes the tasks of a checkpoint's next superstep. Waiting input gets a superstep of its own. Other pending tasks
    /// run after it and see it.
    /// </summary>
    public static NodeTask[] Plan(CompiledGraph graph, Checkpoint checkpoint, Func<string, TaskOutcome?> findOutcome)
    {
        var tasks = new NodeTask[checkpoint.Next is [{ Node: StateGraph.Start }, ..] ? 1 : checkpoint.Next.Count];
        for (var i = 0; i < tasks.Length; i++)
        {
            var pending = checkpoint.Next[i];
            var id = TaskIds.ForTask(checkpoint.Id, checkpoint.Namespace, checkpoint.Step + 1, pending, i);
            tasks[i] = new NodeTask(pending, graph.GetNode(pending.Node), id, i, checkpoint.Namespace, findOutcome(id))
            {
                Given = pending.Node == StateGraph.Start ? checkpoint.Input ?? StateUpdate.None : (NodeResult?)null,
            };
        }

        return tasks;
    }

    /// <summary>
    /// Applies the writes of finished tasks. Sorted by path (nodes by name, then sends by index), so that the next
    /// state is the same whichever task finishes first.
    /// </summary>
    public static (ChannelValues Values, NextTasks Next) Apply(CompiledGraph graph, Checkpoint checkpoint, IReadOnlyList<NodeTask> tasks) =>
        tasks is [{ Seen: { } seen }] && !graph.Schema.HasEphemeral
            // A branch of the only task has seen the very state that its writes lead to.
            ? (seen, Follow(graph, checkpoint, tasks))
            : ApplyInOrder(graph, checkpoint, Order(tasks));

    /// <summary>
    /// Returns the nodes of the tasks that ran last without being sent to; if there is none among these tasks, those before.
    /// </summary>
    public static IReadOnlyList<string> LastTriggered(Checkpoint checkpoint, IEnumerable<PendingTask> tasks)
    {
        string[] triggered = [.. tasks.Where(task => !task.IsPush && task.Node != StateGraph.Start).Select(task => task.Node).Distinct()];
        return triggered.Length > 0 ? triggered : checkpoint.LastTriggered ?? checkpoint.LastNodes;
    }

    /// <summary>Applies the writes of finished tasks as they are listed.</summary>
    /// <exception cref="InvalidUpdateException">A channel can't take the writes.</exception>
    public static (ChannelValues Values, NextTasks Next) ApplyInOrder(
        CompiledGraph graph, Checkpoint checkpoint, IReadOnlyList<NodeTask> tasks)
    {
        try
        {
            var writes = tasks.Count == 1 ? tasks[0].Writes!.Channels : tasks.SelectMany(task => task.Writes!.Channels);
            var values = checkpoint.Values.Apply(writes, endsSuperstep: true);
            return (values, Follow(graph, checkpoint, tasks));
        }
        catch (InvalidUpdateException e) when (e.Channel is { } channel)
        {
            var nodes = tasks.Where(task => task.Writes!.Channels.Any(write => write.Channel == channel))
                .Select(task => task.Node.Name)
                .Distinct();
            throw new InvalidUpdateException($"{e.Message} These nodes wrote to it: {string.Join(", ", nodes)}.", e);
        }
    }

    /// <summary>Returns the state with the writes of the finished tasks applied.</summary>
    public static ChannelValues ApplyFinished(ChannelValues values, IEnumerable<NodeTask> tasks) =>
        values.Apply(Order([.. tasks.Where(task => task.IsFinished)]).SelectMany(task => task.Writes!.Channels));

    /// <summary>Adds tasks to the next ones. A node that is already among them runs once; each send runs.</summary>
    public static List<PendingTask> Merge(CompiledGraph graph, IEnumerable<PendingTask> tasks, IEnumerable<PendingTask> more)
    {
        var merged = tasks.ToList();
        foreach (var task in more)
        {
            if (task.IsPush || !merged.Exists(other => !other.IsPush && other.Node == task.Node))
            {
                merged.Add(task);
            }
        }

        return Arrange(graph, merged);
    }

    public static string BranchTo(string node) => "branch:to:" + node;

    private static bool HasDestinations(IReadOnlyList<NodeTask> tasks, GraphNode node)
    {
        foreach (var task in tasks)
        {
            if (ReferenceEquals(task.Node, node) && task.Writes!.Routes.Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    private static IReadOnlyList<NodeTask> Order(IReadOnlyList<NodeTask> tasks) => tasks.Count == 1
        ? tasks
        :
        [
            .. tasks
                .OrderBy(task => task.Pending.IsPush)
                .ThenBy(task => !task.Pending.IsPush ? task.Node.Name : "", StringComparer.Ordinal),
        ];

    private static NextTasks Follow(CompiledGraph graph, Checkpoint checkpoint, IReadOnlyList<NodeTask> tasks)
    {
        var next = new List<PendingTask>();
        List<PendingTask>? deferred = null;
        List<(string Node, List<string> Triggers)>? pulls = null;
        Dictionary<string, IReadOnlyList<string>>? waiting = null;

        void Pull(string node, string trigger)
        {
            if (node == StateGraph.End)
            {
                return;
            }

            pulls ??= [];
            foreach (var (known, triggers) in pulls)
            {
                if (known == node)
                {
                    if (!triggers.Contains(trigger))
                    {
                        triggers.Add(trigger);
                    }

                    return;
                }
            }

            pulls.Add((node, [trigger]));
        }

        foreach (var task in tasks)
        {
            var followsEdges = !task.Node.Options.GotoReplacesEdges || !HasDestinations(tasks, task.Node);
            foreach (var target in followsEdges ? task.Node.Targets : [])
            {
                Pull(target, BranchTo(target));
            }

            foreach (var route in task.Writes!.Routes)
            {
                if (route.Send is { } send)
                {
                    next.Add(new PendingTask(graph.GetTarget(send.Node).Name, PushTriggers, send));
                }
                else if (!route.IsEnd)
                {
                    Pull(graph.GetTarget(route.Node).Name, BranchTo(route.Node));
                }
            }

            foreach (var barrier in followsEdges ? task.Node.Barriers : [])
            {
                waiting ??= new(checkpoint.Barriers);
                var arrived = waiting.TryGetValue(barrier.Name, out var before) ? before : [];
                waiting[barrier.Name] = arrived.Contains(task.Node.Name) ? arrived : [.. arrived, task.Node.Name];
                if (waiting[barrier.Name].Count == barrier.Sources.Count)
                {
                    waiting.Remove(barrier.Name);
                    Pull(barrier.Target, barrier.Name);
                }
            }
        }

        foreach (var (node, triggers) in pulls ?? [])
        {
            triggers.Sort(StringComparer.Ordinal);
            var task = new PendingTask(node, triggers);
            if (graph.GetNode(node).Options.Defer)
            {
                deferred = Merge(graph, deferred ?? checkpoint.Deferred, [task]);
            }
            else
            {
                next.Add(task);
            }
        }

        return new NextTasks(Arrange(graph, next), deferred ?? checkpoint.Deferred, waiting ?? checkpoint.Barriers);
    }

    /// <summary>
    /// Input that waits first, then sends in the order in which they were sent (their place is part of their id), then
    /// nodes as they were added to the graph: so LangGraph lists them.
    /// </summary>
    private static List<PendingTask> Arrange(CompiledGraph graph, List<PendingTask> tasks) => tasks.Count < 2
        ? tasks
        : [.. tasks.OrderBy(task => task.Node != StateGraph.Start).ThenBy(task => !task.IsPush ? graph.GetNode(task.Node).Index : -1)];
}
