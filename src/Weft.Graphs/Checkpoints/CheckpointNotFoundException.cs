namespace Weft.Graphs;

/// <summary>The thread has no checkpoint of this id.</summary>
public sealed class CheckpointNotFoundException(string checkpointId) : GraphException($"The thread has no checkpoint '{checkpointId}'.");
