namespace Weft.Graphs;

/// <summary>A graph is put together wrongly. The message says what is wrong and what to do.</summary>
public sealed class GraphBuildException(string message) : GraphException(message);
