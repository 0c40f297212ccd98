using Weft.Graphs;

namespace Weft.Agents;

/// <summary>An agent of a team. See <see cref="AgentGraph.Supervisor"/> and <see cref="AgentGraph.Swarm"/>.</summary>
/// <param name="Name">The name of its node.</param>
/// <param name="Graph">The agent. Its channel of messages has the same name as that of the team.</param>
/// <param name="Description">When a supervisor should hand the conversation to it.</param>
public sealed record AgentMember(string Name, CompiledGraph Graph, string Description = "");
