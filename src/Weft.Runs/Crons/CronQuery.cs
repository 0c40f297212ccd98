namespace Weft.Runs;

/// <summary>The conditions, order and page of a search over crons.</summary>
public sealed record CronQuery
{
    /// <summary>The assistant of the crons; null means any.</summary>
    public AssistantId? AssistantId { get; init; }

    /// <summary>The thread of the crons; null means any, also none.</summary>
    public ThreadId? ThreadId { get; init; }

    /// <summary>Whether the crons are enabled; null means both.</summary>
    public bool? IsEnabled { get; init; }

    /// <summary>A JSON object that the metadata contains, see <see cref="JsonContainment"/>; null means any metadata.</summary>
    public string? Metadata { get; init; }

    /// <summary>The maximum number of crons on a page.</summary>
    public int Limit { get; init; } = 10;

    /// <summary>The number of matches to skip.</summary>
    public int Offset { get; init; }

    /// <summary>The column to order by. Equal values are in the order of creation, and null comes before all values.</summary>
    public CronSort SortBy { get; init; } = CronSort.CreatedAt;

    /// <summary>Whether the order is reversed.</summary>
    public bool Descending { get; init; } = true;
}

/// <summary>The column that a search over crons is ordered by.</summary>
public enum CronSort
{
    /// <summary>By id.</summary>
    CronId,

    /// <summary>By the id of the assistant.</summary>
    AssistantId,

    /// <summary>By the id of the thread.</summary>
    ThreadId,

    /// <summary>By the time of the next run.</summary>
    NextRunAt,

    /// <summary>By the end.</summary>
    EndTime,

    /// <summary>By creation time.</summary>
    CreatedAt,

    /// <summary>By last change.</summary>
    UpdatedAt,
}
