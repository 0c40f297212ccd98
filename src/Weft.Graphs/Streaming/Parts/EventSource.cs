namespace Weft.Graphs;

/// <summary>What the events of one <see cref="EventSpan"/> have in common.</summary>
public sealed class EventSource : StreamItem
{
    /// <summary>What goes on.</summary>
    public required EventKind Kind { get; init; }

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>The id of the span. That of the root graph is the run's.</summary>
    public required string RunId { get; init; }

    /// <summary>The ids of the spans around it, the outermost first.</summary>
    public required IReadOnlyList<string> ParentIds { get; init; }

    /// <summary>The tags.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The metadata, a JSON object.</summary>
    public required ReadOnlyMemory<byte> Metadata { get; init; }
}
