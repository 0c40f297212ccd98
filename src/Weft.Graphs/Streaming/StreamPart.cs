namespace Weft.Graphs;

/// <summary>One piece of a run's stream.</summary>
/// <param name="Mode">The mode that it belongs to.</param>
/// <param name="Namespace">The checkpoint namespace of the graph that it comes from; empty for the root graph.</param>
/// <param name="Payload">Its data.</param>
public readonly record struct StreamPart(StreamMode Mode, string Namespace, StreamPayload Payload);
