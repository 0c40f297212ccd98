namespace Weft.Graphs;

/// <summary>The result of a node: an update or a command.</summary>
public readonly record struct NodeResult
{
    private NodeResult(StateUpdate? update, IReadOnlyList<Destination>? destinations, bool toParent)
    {
        Update = update;
        Goto = destinations;
        ToParent = toParent;
    }

    internal StateUpdate? Update { get; }

    internal IReadOnlyList<Destination>? Goto { get; }

    internal bool ToParent { get; }

    /// <summary>Returns an update.</summary>
    public static implicit operator NodeResult(StateUpdate? update) => new(update, null, false);

    /// <summary>Returns a command.</summary>
    public static implicit operator NodeResult(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return command.Resume is null
            ? new(command.Update, command.Goto, command.ToParent)
            : throw new InvalidUpdateException("A node can't resume: 'Resume' is for the input of a run.");
    }
}
