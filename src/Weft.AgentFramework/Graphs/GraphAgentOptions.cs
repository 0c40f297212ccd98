using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>Options of a <see cref="GraphAgent"/>.</summary>
public sealed record GraphAgentOptions
{
    /// <summary>The id of the agent, the same after a restart; null means a new one. Default: null.</summary>
    public string? Id { get; init; }

    /// <summary>The name of the agent. Default: the name of the graph.</summary>
    public string? Name { get; init; }

    /// <summary>The purpose of the agent. Default: none.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// Returns the checkpoints of a thread, by its id, which is that of the session. Default: each session keeps its thread in memory, and
    /// is serialized with the values of the thread.
    /// </summary>
    public Func<string, ICheckpointer>? Checkpointers { get; init; }

    /// <summary>
    /// How the graph is run: store, services, configuration and limits. The agent sets the checkpointer, the thread and the stream.
    /// </summary>
    public GraphRunOptions Run { get; init; } = new();
}
