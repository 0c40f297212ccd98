namespace Weft.Graphs;

/// <summary>A task of the superstep that follows a checkpoint.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Node">The node that it runs.</param>
/// <param name="Interrupts">The questions that it is waiting on.</param>
/// <param name="Error">The error with which it failed; null if it did not fail.</param>
/// <param name="SubgraphNamespace">
/// The checkpoint namespace of the graph inside it; null if no graph inside is known.
/// </param>
/// <param name="Subgraph">The state of that graph, if it was requested and exists.</param>
public sealed record SnapshotTask(
    string Id, string Node, IReadOnlyList<Interrupt> Interrupts, string? Error, string? SubgraphNamespace, StateSnapshot? Subgraph);
