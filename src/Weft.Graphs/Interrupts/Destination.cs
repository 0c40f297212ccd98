namespace Weft.Graphs;

/// <summary>Where the graph goes next: a node, by name, or a <see cref="Graphs.Send"/>.</summary>
public readonly record struct Destination
{
    private Destination(string node, Send? send)
    {
        Node = node;
        Send = send;
    }

    /// <summary>The node; <see cref="StateGraph.End"/> ends this branch.</summary>
    public string Node { get; }

    /// <summary>The send, when the node gets an input of its own.</summary>
    public Send? Send { get; }

    /// <summary>Goes to a node.</summary>
    public static implicit operator Destination(string node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return new(node, null);
    }

    /// <summary>Sends to a node.</summary>
    public static implicit operator Destination(Send send)
    {
        ArgumentNullException.ThrowIfNull(send);
        return new(send.Node, send);
    }
}
