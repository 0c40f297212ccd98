using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Unwinds a node that asked a question, or inside which a graph paused. A node lets it pass. A node that catches it
/// must rethrow it.
/// </summary>
public sealed class GraphInterruptException : GraphException
{
    internal GraphInterruptException(JsonElement value)
        : base("The node waits for an answer to its interrupt.") => Value = value;

    internal GraphInterruptException()
        : base("A graph inside of the node paused.")
    {
    }

    /// <summary>The question of the node; undefined if a graph inside it paused.</summary>
    public JsonElement Value { get; }
}
