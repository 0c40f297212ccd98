namespace Weft.Graphs;

/// <summary>How an item is kept.</summary>
public sealed record ItemOptions
{
    /// <summary>
    /// How long it lives. null means the default of the store, <see cref="Timeout.InfiniteTimeSpan"/> no limit.
    /// </summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>
    /// The parts of the value to search by meaning, such as <c>text</c> or <c>notes[*]</c>; empty: none; null: as the
    /// store does by itself.
    /// </summary>
    /// <remarks>Kept with the item. A store without an index does nothing else with it.</remarks>
    public IReadOnlyList<string>? IndexedPaths { get; init; }
}
