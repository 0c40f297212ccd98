namespace Weft.Graphs;

/// <summary>An edit of the state does not say as which node it is made, and several could be meant.</summary>
public sealed class AmbiguousNodeException(IEnumerable<string> nodes)
    : GraphException($"Ambiguous update, specify as_node: the last superstep ran {string.Join(" and ", nodes)}.");
