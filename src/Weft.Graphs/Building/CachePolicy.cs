namespace Weft.Graphs;

/// <summary>When an earlier result of a node is used instead of running it again.</summary>
public sealed record CachePolicy
{
    /// <summary>
    /// The key of a call. Calls with equal keys share a result. Default: the whole input of the node, as JSON.
    /// </summary>
    public Func<NodeContext, string>? Key { get; init; }

    /// <summary>How long a result is valid; null means that it does not expire.</summary>
    public TimeSpan? TimeToLive { get; init; }
}
