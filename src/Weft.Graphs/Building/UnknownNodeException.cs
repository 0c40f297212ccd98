namespace Weft.Graphs;

/// <summary>A command, a branch, a send or an edit names a node that the graph does not have.</summary>
public sealed class UnknownNodeException : GraphException
{
    internal UnknownNodeException(string node, IEnumerable<string> nodes)
        : base($"The graph has no node '{node}'; there are {string.Join(", ", nodes.Order())}.") => Node = node;

    internal UnknownNodeException(string message, string node)
        : base(message) => Node = node;

    /// <summary>The name that no node has.</summary>
    public string Node { get; }
}
