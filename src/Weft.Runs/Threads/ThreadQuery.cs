namespace Weft.Runs;

/// <summary>The conditions, order and page of a search over threads.</summary>
public sealed record ThreadQuery
{
    /// <summary>Only these ids, when given.</summary>
    public IReadOnlyList<ThreadId>? Ids { get; init; }

    /// <summary>
    /// A JSON object that the thread's metadata contains: every given key is present and equal, nested objects recursively.
    /// </summary>
    public string? Metadata { get; init; }

    /// <summary>Only threads of this status, when given.</summary>
    public ThreadStatus? Status { get; init; }

    /// <summary>The greatest number of threads on a page.</summary>
    public int Limit { get; init; } = 10;

    /// <summary>How many matches to skip.</summary>
    public int Offset { get; init; }

    /// <summary>The column to order by. Equal values are ordered by id, in the same direction.</summary>
    public ThreadSort SortBy { get; init; } = ThreadSort.CreatedAt;

    /// <summary>Largest first.</summary>
    public bool Descending { get; init; } = true;
}

/// <summary>The column that a search over threads is ordered by.</summary>
public enum ThreadSort
{
    /// <summary>By id.</summary>
    ThreadId,

    /// <summary>By status.</summary>
    Status,

    /// <summary>By creation time.</summary>
    CreatedAt,

    /// <summary>By last change.</summary>
    UpdatedAt,

    /// <summary>By last change of the state; threads without one count as oldest.</summary>
    StateUpdatedAt,
}
