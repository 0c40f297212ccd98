namespace Weft.Graphs;

/// <summary>How a node runs, and how it is described in events and drawings.</summary>
public sealed record NodeOptions
{
    /// <summary>
    /// Where it may go by a <see cref="Command"/>, in addition to its edges. For checks and drawings.
    /// </summary>
    public IReadOnlyList<string> Destinations { get; init; } = [];

    /// <summary>How to retry the node when it fails; null means no retries.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>
    /// How long one try may take before it fails with <see cref="NodeTimeoutException"/>; null means no limit of its
    /// own.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Whether to use an earlier result for the same input; null means no. The graph needs a
    /// <see cref="CompileOptions.Cache"/>.
    /// </summary>
    public CachePolicy? Cache { get; init; }

    /// <summary>
    /// Decorators that run around the node, the outermost first. Those of <see cref="StateGraph.Use"/> run around them.
    /// </summary>
    public IReadOnlyList<NodeDecorator> Use { get; init; } = [];

    /// <summary>Whether it waits until no other node has anything left to do.</summary>
    public bool Defer { get; init; }

    /// <summary>
    /// Whether the node sees the graph's state also when a <see cref="Send"/> runs it; the input of the send is then
    /// only in <see cref="NodeContext.Input"/>. Default: no, a send brings the state that its node sees.
    /// </summary>
    public bool SendsSeeState { get; init; }

    /// <summary>
    /// Whether <see cref="Command.Goto"/> leads away from the edges of the node: if one task of the node has destinations, no task of
    /// the node in this superstep follows an edge. The node must not have conditional edges. Default: no, destinations are in addition
    /// to the edges.
    /// </summary>
    public bool GotoReplacesEdges { get; init; }

    /// <summary>
    /// Graphs that its code runs, so that their state can be read and drawn. A graph that is a node itself need not be
    /// named.
    /// </summary>
    public IReadOnlyList<CompiledGraph> Subgraphs { get; init; } = [];

    /// <summary>
    /// The tags of its events. With <see cref="StreamTags.NoStream"/>, messages that models make in the node are not
    /// streamed in pieces. Messages that the node returns are still streamed. With <see cref="StreamTags.Hidden"/>, streams do not
    /// show the node.
    /// </summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    internal bool IsNoStream => Tags.Count > 0 && Tags.Any(StreamTags.IsNoStream);

    internal bool IsHidden => Tags.Count > 0 && Tags.Contains(StreamTags.Hidden);

    internal static NodeOptions Default { get; } = new();
}
