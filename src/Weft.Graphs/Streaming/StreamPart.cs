namespace Weft.Graphs;

/// <summary>One piece of a run's stream.</summary>
/// <param name="Mode">The mode that it belongs to.</param>
/// <param name="Namespace">The checkpoint namespace of the graph that it comes from; empty for the root graph.</param>
/// <param name="Payload">Its data.</param>
/// <param name="Event">The name of its event on the wire, without the namespace: the mode's own, but for
/// <see cref="StreamMode.Messages"/>, which has three.</param>
public readonly record struct StreamPart(StreamMode Mode, string Namespace, StreamPayload Payload, string Event);
