namespace Weft.Graphs;

/// <summary>Code of nodes that did not stop in time. Its run no longer waits for it.</summary>
/// <param name="Nodes">
/// The nodes: those of graphs inside a node as <c>outer|inner</c>. Empty when the code belongs to no node.
/// </param>
/// <param name="Work">Completes when the code has returned.</param>
public sealed record AbandonedWork(IReadOnlyList<string> Nodes, Task Work);
