using System.Text.Json;
using Weft.Graphs;

namespace Weft.Testing;

/// <summary>A run of a graph that has ended or paused, with what it streamed.</summary>
/// <param name="Result">The state at its end, and the questions that it waits on.</param>
/// <param name="Stream">What it streamed.</param>
public sealed record RecordedRun(GraphRunResult Result, RecordedStream Stream)
{
    /// <summary>The state at its end.</summary>
    public ChannelValues Values => Result.Values;

    /// <summary>The questions that it waits on.</summary>
    public IReadOnlyList<JsonElement> Questions => [.. Result.Interrupts.Select(interrupt => interrupt.Value)];
}
