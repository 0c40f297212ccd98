namespace Weft.Graphs;

/// <summary>A run ended between two supersteps, because it continues from its last checkpoint later.</summary>
/// <remarks>It is no cancellation: a task that is cancelled does not keep its exception everywhere.</remarks>
internal sealed class GraphMovedException() : Exception("The run continues later.");
