namespace Weft.Graphs;

/// <summary>
/// Two tasks of one superstep run a graph that keeps its state per thread; each would lose the changes of the other.
/// </summary>
public sealed class ConcurrentSubgraphException(string graph, string node) : GraphException(
    $"Two tasks of the node '{node}' run the graph '{graph}' in one superstep, and that graph has one state per thread "
        + "(SubgraphPersistence.PerThread). Run it in one task at a time, or use SubgraphPersistence.PerCall.");
