namespace Weft.Graphs;

/// <summary>A channel can't take a write, or its value is not valid JSON.</summary>
public class InvalidUpdateException(string message, Exception? inner = null) : GraphException(message, inner)
{
    /// <summary>The channel that was written too often; null for other failures.</summary>
    internal StateChannel? Channel { get; init; }
}
