namespace Weft.Graphs;

/// <summary>
/// Runs around the code of a node, for what many nodes have in common: guards, budgets, telemetry. See
/// <see cref="StateGraph.Use"/>.
/// </summary>
/// <param name="context">The context of the node.</param>
/// <param name="next">The node, or the next decorator around it. It may be called not at all, or several times.</param>
/// <param name="cancellationToken">Cancelled when the run is.</param>
/// <returns>The result of the node, or another one in its place.</returns>
/// <remarks>
/// A <see cref="GraphInterruptException"/> of the node passes through: when the run is resumed, the node runs again with
/// its decorators.
/// </remarks>
public delegate ValueTask<NodeResult> NodeDecorator(NodeContext context, NodeFunction next, CancellationToken cancellationToken);
