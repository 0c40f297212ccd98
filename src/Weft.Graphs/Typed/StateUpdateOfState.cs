using System.Diagnostics.CodeAnalysis;

namespace Weft.Graphs;

/// <summary>
/// What a node of a typed graph returns: a value for each member that it writes, and where to go. The source generator
/// derives the type <c>Update</c> of a state from it, with a property for each member. Only members that were set are
/// written.
/// </summary>
public abstract class StateUpdate<TState> : StateUpdate
{
    private readonly StateUpdate<TState>? _replaced;

    /// <summary>An update that writes nothing yet.</summary>
    protected StateUpdate()
    {
    }

    /// <summary>For the writes that replace values instead of adding to them.</summary>
    /// <param name="replaced">The update that they are added to.</param>
    protected StateUpdate(StateUpdate<TState> replaced) => _replaced = replaced;

    /// <summary>The next destinations, in addition to the edges of the node.</summary>
    public IReadOnlyList<Destination> Goto { get; set; } = [];

    /// <summary>
    /// From a node of a subgraph: whether the update and <see cref="Goto"/> are for the graph around it. The subgraph
    /// ends there.
    /// </summary>
    public bool ToParent { get; set; }

    internal override IReadOnlyList<Destination>? Destinations => Goto;

    internal override bool IsForParent => ToParent;

    /// <summary>Sets a member. An earlier value of this update for the member is forgotten.</summary>
    protected void Put<TValue, TWrite>(StateChannel<TValue, TWrite> channel, TWrite value)
    {
        ArgumentNullException.ThrowIfNull(channel);
        if (_replaced is not null)
        {
            _replaced.Remove(channel, overwrites: true);
            _replaced.Overwrite(channel, value);
            return;
        }

        Remove(channel, overwrites: false);
        Set(channel, value);
    }

    /// <summary>Returns what was set for a member; the type's default if nothing was.</summary>
    [return: MaybeNull]
    protected TWrite Find<TValue, TWrite>(StateChannel<TValue, TWrite> channel) =>
        (_replaced ?? this).TryGet(channel, out var value, overwrites: _replaced is not null) ? value : default;
}
