using Weft.Graphs;

namespace Weft.RemoteGraphs;

/// <summary>Adds graphs of other servers to a graph.</summary>
public static class RemoteGraphExtensions
{
    /// <summary>
    /// Adds a graph of another server as a node. Channels with the same names carry its input in and its state out, as with a
    /// <see cref="CompiledGraph"/>.
    /// </summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="name">The node's name.</param>
    /// <param name="remote">The remote graph.</param>
    /// <param name="options">How the node is run.</param>
    /// <exception cref="GraphBuildException">The name is taken or not a node's.</exception>
    public static StateGraph AddNode(this StateGraph graph, string name, RemoteGraph remote, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(remote);
        return graph.AddNode(name, remote.RunAsync, options);
    }
}
