namespace Weft.Graphs;

/// <summary>When a node's earlier result stands for running it again.</summary>
public sealed record CachePolicy
{
    /// <summary>What tells calls apart: equal keys, same result. Default: the whole input of the node, as JSON.</summary>
    public Func<NodeContext, string>? Key { get; init; }

    /// <summary>How long a result is good; null: for ever.</summary>
    public TimeSpan? TimeToLive { get; init; }
}
