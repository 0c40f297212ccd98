namespace Weft.Graphs;

/// <summary>A graph is put together wrongly. The message says what is wrong and how to fix it.</summary>
public sealed class GraphBuildException(string message) : GraphException(message);
