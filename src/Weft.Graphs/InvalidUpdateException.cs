namespace Weft.Graphs;

/// <summary>A channel can't take what was written to it, or its value is no JSON.</summary>
public class InvalidUpdateException(string message, Exception? inner = null) : GraphException(message, inner);
