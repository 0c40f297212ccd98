namespace Weft.Graphs;

/// <summary>Carries a command out of a subgraph to the task of the graph around it.</summary>
internal sealed class ParentCommandException(StateUpdate? update, IReadOnlyList<Destination> destinations)
    : GraphException("A command is for the graph around this one, and there is none: leave ToParent out, or run the graph as a subgraph.")
{
    public StateUpdate? Update { get; } = update;

    public IReadOnlyList<Destination> Goto { get; } = destinations;
}
