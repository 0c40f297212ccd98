using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Unwinds a node that asked a question. A node lets it pass; one that catches it must throw it on.</summary>
public sealed class GraphInterruptException : GraphException
{
    internal GraphInterruptException(JsonElement value)
        : base("The node waits for an answer to its interrupt.") => Value = value;

    /// <summary>What the node asked.</summary>
    public JsonElement Value { get; }
}
