namespace Weft.Runs;

/// <summary>A part of a search's matches.</summary>
/// <param name="Items">The matches of this page, in order.</param>
/// <param name="Total">How many matches there are before limit and offset.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, int Total);
