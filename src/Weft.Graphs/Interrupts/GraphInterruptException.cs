using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Unwinds a node that asked a question, or inside which a graph paused. A node lets it pass; one that catches it must
/// throw it on.
/// </summary>
public sealed class GraphInterruptException : GraphException
{
    internal GraphInterruptException(JsonElement value)
        : base("The node waits for an answer to its interrupt.") => Value = value;

    internal GraphInterruptException()
        : base("A graph inside of the node paused.")
    {
    }

    /// <summary>What the node asked; undefined when a graph inside it paused.</summary>
    public JsonElement Value { get; }
}
