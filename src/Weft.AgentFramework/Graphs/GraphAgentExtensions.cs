using Weft.Graphs;
using Weft.RemoteGraphs;

namespace Weft.AgentFramework;

/// <summary>Makes graphs agents of Microsoft Agent Framework.</summary>
public static class GraphAgentExtensions
{
    /// <summary>Returns the graph as an agent.</summary>
    /// <param name="graph">The graph. It has a channel of messages.</param>
    /// <param name="options">How to make the agent.</param>
    /// <exception cref="ArgumentException">The graph has no channel of messages.</exception>
    public static GraphAgent AsAIAgent(this CompiledGraph graph, GraphAgentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return new GraphAgent(graph, options ?? new GraphAgentOptions(), isRemote: false);
    }

    /// <summary>
    /// Returns a graph of another server as an agent. The thread on that server has the conversation, and belongs to the id of the session,
    /// so a session that is read again continues it. A question that was open when the session was serialized is not asked again,
    /// unless the agent has <see cref="GraphAgentOptions.Checkpointers"/>.
    /// </summary>
    /// <param name="remote">The remote graph. It has a channel of messages.</param>
    /// <param name="options">How to make the agent.</param>
    /// <param name="messages">The name of the channel. Default: <c>messages</c>.</param>
    public static GraphAgent AsAIAgent(this RemoteGraph remote, GraphAgentOptions? options = null, string messages = "messages")
    {
        ArgumentNullException.ThrowIfNull(remote);
        var graph = new StateGraph()
            .AddChannel(Channel.Messages(messages))
            .AddNode("remote", remote)
            .AddEdge(StateGraph.Start, "remote")
            .AddEdge("remote", StateGraph.End)
            .Compile(new CompileOptions { Name = options?.Name ?? "remote" });
        return new GraphAgent(graph, options ?? new GraphAgentOptions(), isRemote: true);
    }
}
