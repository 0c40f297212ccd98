using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A thread with the values of its newest checkpoint.</summary>
/// <param name="Thread">The thread.</param>
/// <param name="Values">The values; null before the first checkpoint, or if the graph is no longer served.</param>
public sealed record ThreadView(ThreadRecord Thread, ChannelValues? Values);
