namespace Weft.Graphs;

/// <summary>A channel can't take what was written to it, or its value is no JSON.</summary>
public class InvalidUpdateException(string message, Exception? inner = null) : GraphException(message, inner)
{
    /// <summary>The channel that was written too often; null when the failure is another one.</summary>
    internal StateChannel? Channel { get; init; }
}
