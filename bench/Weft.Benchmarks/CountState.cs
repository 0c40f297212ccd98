using Weft.Graphs;

namespace Weft.Benchmarks;

/// <summary>The state of <see cref="TypedNodeBenchmarks"/>.</summary>
[GraphState]
public sealed partial record CountState(string Topic, string Draft = "", int Count = 0)
{
    /// <summary>A list that nothing is added to.</summary>
    [Append]
    public IReadOnlyList<string> Log { get; init; } = [];
}
