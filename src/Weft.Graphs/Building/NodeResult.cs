namespace Weft.Graphs;

/// <summary>The result of a node: an update or a command.</summary>
public readonly record struct NodeResult
{
    private NodeResult(StateUpdate? update, IReadOnlyList<Destination>? destinations, bool toParent, bool bringsState = false)
    {
        Update = update;
        Goto = destinations;
        ToParent = toParent;
        BringsState = bringsState;
    }

    /// <summary>The writes; null means none.</summary>
    public StateUpdate? Update { get; }

    /// <summary>The next destinations, in addition to the edges of the node; null means none.</summary>
    public IReadOnlyList<Destination>? Goto { get; }

    /// <summary>Whether it is for the graph around that of the node.</summary>
    public bool ToParent { get; }

    /// <summary>Whether the graph around also gets the state of the graph of the node.</summary>
    internal bool BringsState { get; }

    /// <summary>Returns an update.</summary>
    public static implicit operator NodeResult(StateUpdate? update) =>
        new(update, update?.Destinations, update is { IsForParent: true });

    /// <summary>Returns a command.</summary>
    public static implicit operator NodeResult(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return command.Resume is null
            ? new(command.Update, command.Goto, command.ToParent, command.BringsState)
            : throw new InvalidUpdateException("A node can't resume: 'Resume' is for the input of a run.");
    }
}
