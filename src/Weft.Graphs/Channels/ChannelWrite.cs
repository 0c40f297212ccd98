namespace Weft.Graphs;

/// <summary>One write to a channel.</summary>
internal readonly record struct ChannelWrite(StateChannel Channel, object Value);
