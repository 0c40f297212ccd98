using Microsoft.Extensions.Time.Testing;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>A scenario's graph, and what belongs to its world.</summary>
internal sealed record OracleGraph(CompiledGraph Graph)
{
    /// <summary>The clock of its cache; a scenario that waits moves it.</summary>
    public FakeTimeProvider Time { get; init; } = new();

    /// <summary>Whether there is a checkpointer.</summary>
    public bool IsKept { get; init; } = true;

    public InMemoryStore Store { get; } = new();

    public static implicit operator OracleGraph(CompiledGraph graph) => new(graph);
}
