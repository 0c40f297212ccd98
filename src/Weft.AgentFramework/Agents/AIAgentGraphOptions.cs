using Microsoft.Agents.AI;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>Options of an <see cref="AIAgentGraph"/>.</summary>
public sealed record AIAgentGraphOptions
{
    /// <summary>The name of the graph. Default: the name of the agent, or <c>agent</c> if it has none.</summary>
    public string? Name { get; init; }

    /// <summary>The channel of the conversation. Give one to read it from code. Default: <c>messages</c>.</summary>
    public MessagesChannel Messages { get; init; } = Channel.Messages();

    /// <summary>
    /// The name of the channel that stores the session of the agent. Inputs of runs can't write it. Default: <c>session</c>.
    /// </summary>
    public string SessionChannel { get; init; } = "session";

    /// <summary>
    /// Returns the options of each run of the agent, such as a <see cref="ChatClientAgentRunOptions"/> with another model; null means
    /// none. Default: none.
    /// </summary>
    public Func<NodeContext, AgentRunOptions?>? RunOptions { get; init; }
}
