using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Edits of a thread's state from outside (protocol, section E5).</summary>
internal static class StateEdit
{
    private const string Input = "__input__";
    private const string Copy = "__copy__";

    public static async Task<Checkpoint> ApplyAsync(
        CompiledGraph graph, GraphRunOptions options, JsonElement? values, string? asNode, CancellationToken cancellationToken)
    {
        var checkpointer = options.Checkpointer ?? throw new ArgumentException("A state is edited where it is kept: give a checkpointer.", nameof(options));
        var saved = await checkpointer.FindAsync(graph.Schema, "", options.CheckpointId, cancellationToken);
        if (saved is null && options.CheckpointId is not null)
        {
            throw new CheckpointNotFoundException(options.CheckpointId);
        }

        var newest = options.CheckpointId is null ? saved?.Checkpoint.Id : (await checkpointer.FindAsync(graph.Schema, "", null, cancellationToken))?.Checkpoint.Id;
        var edited = await EditAsync(graph, options, new CheckpointWriter(options, newest), saved, values is { ValueKind: JsonValueKind.Null } ? null : values, asNode, cancellationToken);
        await checkpointer.PutAsync(edited, cancellationToken);
        return edited;
    }

    private static async ValueTask<Checkpoint> EditAsync(
        CompiledGraph graph, GraphRunOptions options, CheckpointWriter writer, CheckpointTuple? saved, JsonElement? values, string? asNode, CancellationToken cancellationToken)
    {
        var parent = saved?.Checkpoint ?? graph.Nothing;
        switch (asNode)
        {
            case Copy:
                return writer.Next(parent, CheckpointSource.Fork) with { Input = parent.Input };
            case Input or StateGraph.Start when values is { } input:
                return writer.Next(parent, CheckpointSource.Input) with
                {
                    Input = StateUpdate.FromJson(graph.Schema, input),
                    Next = [new PendingTask(StateGraph.Start, [StateGraph.Start])],
                    Barriers = Checkpoint.NoBarriers,
                };
            case StateGraph.End when values is not null:
                throw new UnknownNodeException(StateGraph.End, graph.Nodes);
            case StateGraph.End:
                return writer.Next(parent, CheckpointSource.Update) with { Values = WithFinished(graph, saved, options, parent, out _).Values, Next = [], Barriers = Checkpoint.NoBarriers };
            case null when values is null:
                return writer.Next(parent, CheckpointSource.Update);
        }

        var start = WithFinished(graph, saved, options, parent, out var finished);
        var node = graph.GetNode(asNode ?? InferNode(graph, saved, parent));
        var task = new NodeTask(new PendingTask(node.Name, [Superstep.BranchTo(node.Name)]), node, writer.NewestId ?? "", 0, null) { Given = Merge(graph, values) };
        var runner = new NodeRunner(options, new StreamEmitter(StreamMode.None, null, ""));
        await runner.RunAsync([task], start.Values, parent.Step + 1, static _ => { }, cancellationToken);
        if (task.Error is { } error)
        {
            throw error as GraphException ?? new NodeFailedException(node.Name, error);
        }

        task.Seen = null;
        var (applied, next, barriers) = Superstep.Apply(graph, start.Values, start.Barriers, [task]);
        return writer.Next(parent, CheckpointSource.Update) with
        {
            Values = applied,
            Next = [.. finished.Where(other => next.TrueForAll(mine => mine.Send is not null || mine.Node != other.Node)), .. next],
            Barriers = barriers,
            LastNodes = [node.Name],
        };
    }

    /// <summary>At the head, what tasks of the open superstep have done counts before the edit; at a past checkpoint it is forgotten.</summary>
    private static Checkpoint WithFinished(CompiledGraph graph, CheckpointTuple? saved, GraphRunOptions options, Checkpoint parent, out List<PendingTask> following)
    {
        following = [];
        if (saved is null || options.CheckpointId is not null || saved.Outcomes.Count == 0)
        {
            return parent;
        }

        parent = NullTask.Apply(graph, parent, saved.FindOutcome(NullTask.Id));
        NodeTask[] finished = [.. Superstep.Plan(graph, parent, saved.FindOutcome).Where(task => task.IsFinished)];
        if (finished.Length == 0)
        {
            return parent;
        }

        var (values, next, barriers) = Superstep.Apply(graph, parent.Values, parent.Barriers, finished);
        following = next;
        return parent with { Values = values, Barriers = barriers };
    }

    private static StateUpdate Merge(CompiledGraph graph, JsonElement? values)
    {
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

    /// <summary>As which node an edit is made that names none: the only one, the input's on a fresh thread, or the one that ran last.</summary>
    private static string InferNode(CompiledGraph graph, CheckpointTuple? saved, Checkpoint parent)
    {
        if (graph.Nodes.Count == 1)
        {
            return graph.Nodes.First();
        }

        if (saved is null || parent.LastNodes.Count == 0)
        {
            return StateGraph.Start;
        }

        return parent.LastNodes.Count == 1
            ? parent.LastNodes[0]
            : throw new AmbiguousNodeException(parent.LastNodes);
    }
}
