namespace Weft.Graphs;

/// <summary>A node of a compiled graph, with its edges and branches.</summary>
internal sealed record GraphNode
{
    public required string Name { get; init; }

    /// <summary>Its place among the nodes as they were added: the order in which tasks are listed.</summary>
    public required int Index { get; init; }

    public required NodeFunction Function { get; init; }

    public required NodeOptions Options { get; init; }

    /// <summary>The graph that the node is, when it is one.</summary>
    public CompiledGraph? Subgraph { get; init; }

    /// <summary>The graph that runs inside the node under this number; null if none is known.</summary>
    public CompiledGraph? FindSubgraph(int number) => Subgraph ?? Options.Subgraphs switch
    {
        [] => null,
        [var only] => only,
        // Any of them may be called again.
        var graphs => number < graphs.Count ? graphs[number] : null,
    };

    public required IReadOnlyList<string> Targets { get; init; }

    public required IReadOnlyList<Branch> Branches { get; init; }

    /// <summary>The barriers that wait for this node.</summary>
    public required IReadOnlyList<Barrier> Barriers { get; init; }
}

/// <summary>An edge from several nodes: its target runs once all of them have run.</summary>
internal sealed record Barrier(IReadOnlyList<string> Sources, string Target)
{
    /// <summary>The prefix of the names of barriers. No other trigger begins with it.</summary>
    public const string Prefix = "join:";

    /// <summary>The trigger under which the target runs.</summary>
    public string Name { get; } = $"{Prefix}{string.Join('+', Sources)}:{Target}";
}
