namespace Weft.Graphs;

/// <summary>
/// A node of a typed graph as a class. It takes services in its constructor: see
/// <see cref="StateGraph{TState, TUpdate}.AddNode{TNode}(string, NodeOptions?)"/>. The source generator adds the shorter name <c>INode</c> to a
/// state.
/// </summary>
public interface INode<TState, TUpdate>
    where TUpdate : StateUpdate<TState>
{
    /// <summary>Does the work of the node.</summary>
    /// <param name="state">The state.</param>
    /// <param name="context">The stream, the services of the run, and questions.</param>
    /// <param name="cancellationToken">Cancelled when the run is.</param>
    /// <returns>The members to write.</returns>
    Task<TUpdate> RunAsync(TState state, NodeContext context, CancellationToken cancellationToken);
}
