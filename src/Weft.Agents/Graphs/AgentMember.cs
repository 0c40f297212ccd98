using Weft.Graphs;

namespace Weft.Agents;

/// <summary>An agent of a team that a supervisor leads. See <see cref="AgentGraph.Supervisor"/>.</summary>
/// <param name="Name">The name of its node.</param>
/// <param name="Graph">The agent. Its channel of messages has the same name as that of the supervisor.</param>
/// <param name="Description">When the supervisor should hand the conversation to it.</param>
public sealed record AgentMember(string Name, CompiledGraph Graph, string Description);
