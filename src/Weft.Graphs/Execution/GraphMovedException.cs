namespace Weft.Graphs;

/// <summary>A run ended between two supersteps, because it continues from its last checkpoint later.</summary>
internal sealed class GraphMovedException() : OperationCanceledException("The run continues later.");
