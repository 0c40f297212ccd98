namespace Weft.Graphs;

/// <summary>The settings of a graph that are given when it is compiled.</summary>
public sealed record CompileOptions
{
    /// <summary>The name of a graph that was given none.</summary>
    internal const string DefaultName = "LangGraph";

    /// <summary>The name under which it appears in errors and events.</summary>
    public string Name { get; init; } = DefaultName;

    /// <summary>Which checkpoints it keeps when it runs inside another graph.</summary>
    public SubgraphPersistence Persistence { get; init; }

    /// <summary>
    /// Where results of nodes with a <see cref="CachePolicy"/> are stored. If null, those nodes run each time. Graphs
    /// that share a cache are distinguished by their <see cref="Name"/>.
    /// </summary>
    public INodeCache? Cache { get; init; }

    /// <summary>Nodes to pause before, in every run.</summary>
    public NodeSelection InterruptBefore { get; init; } = NodeSelection.None;

    /// <summary>Nodes to pause after, in every run.</summary>
    public NodeSelection InterruptAfter { get; init; } = NodeSelection.None;
}
