using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Edits of a thread's state from outside (docs/protocol/state.md E5).</summary>
internal static class StateEdit
{
    private const string Input = "__input__";
    private const string Copy = "__copy__";

    /// <summary>
    /// Makes the edits, one checkpoint for each superstep. All are computed before the first is stored.
    /// </summary>
    public static async Task<Checkpoint> ApplyAsync(
        CompiledGraph graph,
        GraphRunOptions options,
        IReadOnlyList<IReadOnlyList<NodeUpdate>> supersteps,
        CancellationToken cancellationToken)
    {
        options = options with { CheckpointNamespace = graph.StoredNamespace(options.CheckpointNamespace) };
        graph = graph.GetGraph(options.CheckpointNamespace);
        var checkpointer = options.Checkpointer
            ?? throw new ArgumentException("Editing a state needs a checkpointer, because the state is stored there.", nameof(options));
        var saved = await checkpointer.FindAsync(graph.Schema, options.CheckpointNamespace, options.CheckpointId, cancellationToken);
        if (saved is null && (options.CheckpointId is not null || options.CheckpointNamespace.Length > 0))
        {
            throw new CheckpointNotFoundException(options.CheckpointId ?? options.CheckpointNamespace);
        }

        var newest = options.CheckpointId is null
            ? saved?.Checkpoint.Id
            : (await checkpointer.FindAsync(graph.Schema, options.CheckpointNamespace, null, cancellationToken))?.Checkpoint.Id;
        var scope = new GraphScope { Namespace = options.CheckpointNamespace, Parents = saved?.Checkpoint.Parents() ?? [] };
        var writer = new CheckpointWriter(options, scope, newest);
        var edits = new List<Checkpoint>();
        foreach (var updates in supersteps)
        {
            var edited = await EditAsync(graph, options, writer, saved, updates, cancellationToken);
            edits.Add(edited);
            saved = new CheckpointTuple(edited, []);
        }

        options.Guard?.Fence.ThrowIfClosed();
        foreach (var edited in edits)
        {
            await checkpointer.PutAsync(edited, cancellationToken);
        }

        return edits.Count > 0 ? edits[^1] : throw new InvalidUpdateException("An edit needs at least one superstep (had 0).");
    }

    private static ValueTask<Checkpoint> EditAsync(
        CompiledGraph graph,
        GraphRunOptions options,
        CheckpointWriter writer,
        CheckpointTuple? saved,
        IReadOnlyList<NodeUpdate> updates,
        CancellationToken cancellationToken)
    {
        // The writes of commands to the checkpoint are part of its state.
        var parent = saved is null ? graph.Nothing : CommandWrites.Apply(graph, saved.Checkpoint, saved.FindOutcome(CommandWrites.Id));
        if (updates is [var only])
        {
            return TryEditWithoutNode(graph, options, writer, saved, parent, only) is { } edited
                ? new(edited)
                : EditAsNodesAsync(graph, options, writer, saved, parent, updates, cancellationToken);
        }

        return updates.FirstOrDefault(update => update.AsNode is null or Input or Copy or StateGraph.End) is { } alone
            ? throw new InvalidUpdateException(alone.AsNode is null
                ? "Of several updates in one superstep each must name its node (as_node)."
                : $"An update as '{alone.AsNode}' is the only one of its superstep.")
            : updates.Count == 0 ? throw new InvalidUpdateException("A superstep has at least one update.")
            : EditAsNodesAsync(graph, options, writer, saved, parent, updates, cancellationToken);
    }

    /// <summary>Makes an edit that belongs to no node; null if the update is not such an edit.</summary>
    private static Checkpoint? TryEditWithoutNode(
        CompiledGraph graph, GraphRunOptions options, CheckpointWriter writer, CheckpointTuple? saved, Checkpoint parent, NodeUpdate update)
    {
        var values = update.Values is { ValueKind: JsonValueKind.Null } ? null : update.Values;
        switch (update.AsNode)
        {
            case Copy:
                // A copy is a sibling of its original.
                return writer.Next(parent, CheckpointSource.Fork) with { ParentId = parent.ParentId, Input = parent.Input };
            case Input when values is { } input:
                return writer.Next(parent, CheckpointSource.Input) with
                {
                    Input = StateUpdate.FromJson(graph.Schema, input),
                    Next = [new PendingTask(StateGraph.Start, [StateGraph.Start])],
                    Barriers = Checkpoint.NoBarriers,
                    Deferred = [],
                };
            case StateGraph.End when values is not null:
                throw new UnknownNodeException(StateGraph.End, graph.Nodes);
            case StateGraph.End:
                // The pending tasks are dropped. The tasks that finished ones triggered stay, as in LangGraph.
                var ended = WithFinished(graph, saved, options, parent, out var left);
                return writer.Next(FirstIs0(saved, parent), CheckpointSource.Update) with
                {
                    Values = ended.Values,
                    Next = left,
                    Barriers = ended.Barriers,
                    Deferred = [],
                    // The dropped tasks count as run, as in LangGraph.
                    LastTriggered = Superstep.LastTriggered(parent, parent.Next),
                };
            case null when values is null && update.Goto.Count == 0:
                return writer.Next(FirstIs0(saved, parent), CheckpointSource.Update);
            default:
                return null;
        }
    }

    private static async ValueTask<Checkpoint> EditAsNodesAsync(
        CompiledGraph graph,
        GraphRunOptions options,
        CheckpointWriter writer,
        CheckpointTuple? saved,
        Checkpoint parent,
        IReadOnlyList<NodeUpdate> updates,
        CancellationToken cancellationToken)
    {
        var start = WithFinished(graph, saved, options, parent, out var finished);
        NodeTask[] tasks =
        [
            .. updates.Select(
                (update, index) => ToTask(graph, writer, graph.GetNode(update.AsNode ?? InferNode(graph, start)), update, index)),
        ];
        var runner = new SuperstepRunner(graph, options, GraphScope.Root, StreamEmitter.Silent);
        options.Guard?.Attach(runner);
        await runner.RunAsync(
            tasks,
            new SuperstepFrame(start.Values, parent.Step + 1, parent.Id, IsResuming: false),
            static _ => { },
            cancellationToken);
        if (Array.Find(tasks, task => task.Error is not null) is { } failed)
        {
            throw failed.Error as GraphException ?? new NodeFailedException(failed.Node.Name, failed.Error!);
        }

        string[] nodes = [.. tasks.Select(task => task.Node.Name).Distinct()];
        var (applied, following) = Superstep.ApplyInOrder(graph, start, tasks);
        var joined = Joined(start, nodes);
        var next = Superstep.Merge(graph, Superstep.Merge(graph, joined, finished), following.Next);
        following = (following with { Next = next }).ReleaseDeferred(graph);
        return writer.Next(FirstIs0(saved, parent), CheckpointSource.Update) with
        {
            Values = applied,
            Next = following.Next,
            Deferred = following.Deferred,
            Barriers = joined.Count == 0
                ? following.Barriers
                : following.Barriers.Where(barrier => !joined.Exists(task => task.Triggers.Contains(barrier.Key))).ToDictionary(),
            LastNodes = nodes,
            LastTriggered = start.LastTriggered ?? start.LastNodes,
        };
    }

    private static NodeTask ToTask(CompiledGraph graph, CheckpointWriter writer, GraphNode node, NodeUpdate update, int index) =>
        new(new PendingTask(node.Name, [Superstep.BranchTo(node.Name)]), node, writer.NewestId ?? "", index, "", null)
        {
            Given = new Command
            {
                Update = Merge(graph, update.Values is { ValueKind: JsonValueKind.Null } ? null : update.Values),
                Goto = update.Goto,
            },
        };

    /// <summary>The first edit of a thread has step 0; −1 is the step of input.</summary>
    private static Checkpoint FirstIs0(CheckpointTuple? saved, Checkpoint parent) => saved is null ? parent with { Step = -1 } : parent;

    /// <summary>
    /// At the head, the outcomes of finished tasks of the open superstep are applied before the edit. At a past
    /// checkpoint they are ignored.
    /// </summary>
    private static Checkpoint WithFinished(
        CompiledGraph graph, CheckpointTuple? saved, GraphRunOptions options, Checkpoint parent, out IReadOnlyList<PendingTask> left)
    {
        left = [];
        if (saved is null || options.CheckpointId is not null || saved.Outcomes.Count == 0)
        {
            return parent;
        }

        NodeTask[] finished = [.. Superstep.Plan(graph, parent, saved.OutcomesById()).Where(task => task.IsFinished)];
        if (finished.Length == 0)
        {
            return parent;
        }

        var (values, following) = Superstep.Apply(graph, parent, finished);
        left = following.Next;
        var done = finished.Select(task => task.Index).ToHashSet();
        return parent with
        {
            LastTriggered = Superstep.LastTriggered(parent, finished.Select(task => task.Pending)),
            Values = values,
            Barriers = following.Barriers,
            Deferred = following.Deferred,
            Next = [.. parent.Next.Where((_, index) => !done.Contains(index))],
        };
    }

    /// <summary>
    /// The pending tasks that stay pending after an edit. As in LangGraph, these are the tasks that joined edges
    /// triggered, because all their sources have arrived. Tasks that a single node triggered are replaced by those that
    /// the edit triggers.
    /// </summary>
    private static List<PendingTask> Joined(Checkpoint checkpoint, string[] editedNodes) =>
        [
            .. checkpoint.Next.Where(
                task => !editedNodes.Contains(task.Node)
                    && task.Triggers.Any(trigger => trigger.StartsWith(Barrier.Prefix, StringComparison.Ordinal))),
        ];

    private static StateUpdate Merge(CompiledGraph graph, JsonElement? values)
    {
        if (graph.IsWorkflow)
        {
            // The state of a workflow is the value that it returned.
            return values is { } returned ? Workflow.Return(returned, returned) : StateUpdate.None;
        }

        if (values is not { ValueKind: JsonValueKind.Array } list || IsPairs(list))
        {
            return values is { } one ? StateUpdate.FromJson(graph.Schema, one) : StateUpdate.None;
        }

        var merged = StateUpdate.None;
        foreach (var write in list.EnumerateArray().SelectMany(update => StateUpdate.FromJson(graph.Schema, update).Writes))
        {
            merged.Add(write);
        }

        return merged;
    }

    private static bool IsPairs(JsonElement list) => list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Array);

    /// <summary>
    /// As which node an edit is made that names none: the only one, the input's if nothing has run, or the one that ran last. As in
    /// LangGraph, tasks of sends and earlier edits do not count, because they do not mark what they have seen.
    /// </summary>
    private static string InferNode(CompiledGraph graph, Checkpoint start) =>
        graph.Nodes.Count == 1
            ? graph.Nodes.First()
            : (start.LastTriggered ?? start.LastNodes) switch
            {
                [] => StateGraph.Start,
                [var only] => only,
                var several => throw new AmbiguousNodeException(several),
            };
}
