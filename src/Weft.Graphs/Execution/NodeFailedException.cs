namespace Weft.Graphs;

/// <summary>A node threw. <see cref="Exception.InnerException"/> is the exception that it threw.</summary>
public sealed class NodeFailedException : GraphException
{
    internal NodeFailedException(string node, Exception error)
        : base(error.Message, error) => Node = node;

    /// <summary>The node.</summary>
    public string Node { get; }
}
