namespace Weft.Graphs;

/// <summary>A node as a class. It takes services in its constructor: see <see cref="StateGraph.AddNode{TNode}(string, NodeOptions?)"/>.</summary>
public interface INode
{
    /// <summary>Does the work of the node.</summary>
    /// <param name="context">The state that it reads, the stream, and the services of the run.</param>
    /// <param name="cancellationToken">Cancelled when the run is.</param>
    Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken);
}
