using Weft.Graphs;

namespace Weft.Runs;

/// <summary>What one attempt of a run did.</summary>
/// <param name="Attempt">The attempt.</param>
/// <param name="State">What it did.</param>
internal sealed record TimelineSegment(int Attempt, TimelineState State);
