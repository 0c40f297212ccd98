namespace Weft.Graphs;

/// <summary>A task of the superstep that follows a checkpoint.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Node">The node that it runs.</param>
/// <param name="Interrupts">The questions that it waits for answers to.</param>
/// <param name="Error">How it failed; null when it did not.</param>
/// <param name="SubgraphNamespace">The checkpoint namespace of the graph inside it; null when it runs none that is
/// known.</param>
/// <param name="Subgraph">The state of that graph, where it was asked for and there is one.</param>
public sealed record SnapshotTask(
    string Id, string Node, IReadOnlyList<Interrupt> Interrupts, string? Error, string? SubgraphNamespace, StateSnapshot? Subgraph);
