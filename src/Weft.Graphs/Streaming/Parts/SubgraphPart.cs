namespace Weft.Graphs;

/// <summary>
/// An event in the life of a graph inside a node. <see cref="StreamPart.Namespace"/> is that of the graph. Its start
/// comes before all other parts of the namespace, and its end after them.
/// </summary>
/// <param name="phase">As <see cref="Phase"/>.</param>
/// <param name="graph">As <see cref="Graph"/>.</param>
/// <param name="node">As <see cref="Node"/>.</param>
public sealed class SubgraphPart(SubgraphPhase phase, string graph, string node) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Lifecycle;

    /// <summary>What happened.</summary>
    public SubgraphPhase Phase => phase;

    /// <summary>The name of the graph.</summary>
    public string Graph => graph;

    /// <summary>The node that runs it.</summary>
    public string Node => node;

    /// <summary>Whether the node runs because of a send.</summary>
    public bool IsSend { get; init; }

    /// <summary>The id of the tool call that runs it; null if none does, or if tool calls are not streamed.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>How it failed; null if it did not.</summary>
    public string? Error { get; init; }

    /// <inheritdoc/>
    public override int CostBytes => 2 * ValueSize.ObjectBytes;
}
