using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Adds tools to graphs.</summary>
public static class ToolNodeExtensions
{
    /// <summary>Adds a node that runs tools. Add an edge from it, and conditional edges by its <c>Next</c> from the model.</summary>
    /// <exception cref="GraphBuildException">The name is taken or not a node's.</exception>
    public static StateGraph AddTools(this StateGraph graph, ToolNode tools)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(tools);
        return graph.AddNode(tools.Name, tools.RunAsync, tools.Options);
    }
}
