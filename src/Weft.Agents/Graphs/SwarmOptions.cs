using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Options of <see cref="AgentGraph.Swarm"/>.</summary>
public sealed record SwarmOptions
{
    /// <summary>The name of the graph. Default: <c>swarm</c>.</summary>
    public string Name { get; init; } = "swarm";

    /// <summary>The member that gets the first message of a thread. Default: the first one of the list.</summary>
    public string? First { get; init; }

    /// <summary>The channel of the conversation. Give one to read it from code. Default: <c>messages</c>.</summary>
    public MessagesChannel Messages { get; init; } = Channel.Messages();

    /// <summary>Further channels. Members that have channels of these names share their values. Default: none.</summary>
    public IReadOnlyList<StateChannel> Channels { get; init; } = [];

    /// <summary>Decorators that run around each member, the outermost first. Default: none.</summary>
    public IReadOnlyList<NodeDecorator> Use { get; init; } = [];

    /// <summary>
    /// How the graph is compiled. Its name is not used, because <see cref="Name"/> is the name of the graph. Default:
    /// <see cref="CompileOptions"/> as they are.
    /// </summary>
    public CompileOptions Compile { get; init; } = new();
}
