namespace Weft.Graphs;

/// <summary>Options of an item.</summary>
public sealed record ItemOptions
{
    /// <summary>
    /// The time to live. Null means the default of the store, and <see cref="Timeout.InfiniteTimeSpan"/> means no
    /// limit.
    /// </summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>
    /// The parts of the value to search by meaning, such as <c>text</c> or <c>notes[*]</c>. Empty means none, and null
    /// means the default of the store.
    /// </summary>
    /// <remarks>They are stored with the item. A store without an index does not use them otherwise.</remarks>
    public IReadOnlyList<string>? IndexedPaths { get; init; }
}
