namespace Weft.Runs;

/// <summary>A page of the matches of a search.</summary>
/// <param name="Items">The matches of this page, in order.</param>
/// <param name="Total">The number of all matches, without limit and offset.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, int Total);
