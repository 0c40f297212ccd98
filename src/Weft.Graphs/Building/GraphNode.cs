namespace Weft.Graphs;

/// <summary>A node of a compiled graph, with what follows it.</summary>
internal sealed class GraphNode
{
    public required string Name { get; init; }

    public required NodeFunction Function { get; init; }

    public required IReadOnlyList<string> Targets { get; init; }

    public required IReadOnlyList<RouteFunction> Branches { get; init; }

    /// <summary>The barriers that wait for this node.</summary>
    public required IReadOnlyList<Barrier> Barriers { get; init; }
}

/// <summary>An edge from several nodes: its target runs once all of them have run.</summary>
internal sealed record Barrier(string Name, IReadOnlyList<string> Sources, string Target);
