namespace Weft.Graphs;

/// <summary>The engine refuses something. The message says what, and what to do about it.</summary>
public abstract class GraphException(string message, Exception? inner = null) : Exception(message, inner);
