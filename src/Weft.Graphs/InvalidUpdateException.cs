namespace Weft.Graphs;

/// <summary>A channel can't take what was written to it.</summary>
public class InvalidUpdateException(string message) : GraphException(message);
