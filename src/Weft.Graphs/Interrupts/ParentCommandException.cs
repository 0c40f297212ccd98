namespace Weft.Graphs;

/// <summary>Carries a command out of a subgraph to the task of the graph around it.</summary>
internal sealed class ParentCommandException(StateUpdate? update, IReadOnlyList<Destination> destinations, bool bringsState = false)
    : GraphException("A command is for the graph around this one, and there is none: leave ToParent out, or run the graph as a subgraph.")
{
    public StateUpdate? Update { get; } = update;

    public IReadOnlyList<Destination> Goto { get; } = destinations;

    /// <summary>Whether the graph around also gets the state of the subgraph.</summary>
    public bool BringsState { get; } = bringsState;

    /// <summary>The state of the subgraph at its end; null if the graph around does not get it.</summary>
    public ChannelValues? State { get; private init; }

    /// <summary>
    /// Returns one command for all tasks that have one. It brings the state of the subgraph with the writes of all tasks, in the
    /// order of the tasks.
    /// </summary>
    /// <exception cref="InvalidUpdateException">A channel can't take the writes.</exception>
    public static ParentCommandException Join(ChannelValues values, IReadOnlyList<NodeTask> tasks)
    {
        var update = new StateUpdate();
        var destinations = new List<Destination>();
        foreach (var task in tasks)
        {
            if (task.Error is ParentCommandException command)
            {
                update.Add(command.Update ?? StateUpdate.None);
                destinations.AddRange(command.Goto);
                task.Writes = new TaskWrites(command.Update?.For(values.Schema).Writes ?? [], command.Goto, isNull: command.Update is null);
            }
        }

        return new(update, [.. destinations.Distinct()], bringsState: true) { State = Superstep.ApplyFinished(values, tasks) };
    }

    /// <summary>
    /// Returns the writes for the graph around. What the command writes to channels of the subgraph is part of the state that it
    /// brings.
    /// </summary>
    public StateUpdate? UpdateFor(ChannelSchema schema)
    {
        if (State is null)
        {
            return Update?.For(schema);
        }

        var update = SharedState.Of(State, State.Schema.Channels).For(schema);
        foreach (var write in Update?.For(schema).Writes ?? [])
        {
            if (!State.Schema.TryFind(write.Channel.Name, out _))
            {
                update.Add(write);
            }
        }

        return update;
    }
}
