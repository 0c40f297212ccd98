namespace Weft.Graphs;

/// <summary>The engine refuses a graph or an operation. The message says what is wrong and how to fix it.</summary>
public abstract class GraphException(string message, Exception? inner = null) : Exception(message, inner);
