namespace Weft.Graphs;

/// <summary>The work of a node.</summary>
/// <param name="context">The state that it reads, the stream, and the services of the run.</param>
/// <param name="cancellationToken">Cancelled when the run is.</param>
public delegate ValueTask<NodeResult> NodeFunction(NodeContext context, CancellationToken cancellationToken);

/// <summary>Decides where to go after a node; it sees the state with the node's own writes applied.</summary>
public delegate ValueTask<IReadOnlyList<Destination>> RouteFunction(NodeContext context, CancellationToken cancellationToken);
