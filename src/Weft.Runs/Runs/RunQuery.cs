using System.Text.Json;

namespace Weft.Runs;

/// <summary>A search for the runs of all threads of an actor.</summary>
public sealed record RunQuery
{
    /// <summary>Only runs with one of these statuses; null means any.</summary>
    public IReadOnlyList<RunStatus>? Statuses { get; init; }

    /// <summary>Only runs of this assistant; null means any.</summary>
    public AssistantId? AssistantId { get; init; }

    /// <summary>Only runs of this graph; null means any.</summary>
    public string? GraphId { get; init; }

    /// <summary>Only runs of this thread; null means any.</summary>
    public ThreadId? ThreadId { get; init; }

    /// <summary>A JSON object that the metadata of the run contains; null means any.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>A part of the text of the error, in any case; null means any run.</summary>
    public string? ErrorText { get; init; }

    /// <summary>Only runs that were created at this time or later; null means any.</summary>
    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Only runs that were created before this time; null means any.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>Only runs that have executed for this time or longer, from their first start; null means any.</summary>
    public TimeSpan? DurationMin { get; init; }

    /// <summary>The last run that the page before has read; null for the first page.</summary>
    public RunId? After { get; init; }

    /// <summary>The greatest number of runs on the page.</summary>
    public int Limit { get; init; } = 10;

    /// <summary>The greatest number of runs that are read for the page, whether or not the conditions hold for them.</summary>
    public int ReadMax { get; init; } = 10_000;
}

/// <summary>A page of runs, newest first.</summary>
/// <param name="Runs">The runs. A page that is not the last one may have fewer than the limit, or none.</param>
/// <param name="Next">The <see cref="RunQuery.After"/> of the next page; null if this is the last one.</param>
public sealed record RunPage(LazyPage<RunRecord> Runs, RunId? Next);

/// <summary>The numbers of runs by their status.</summary>
/// <param name="ByStatus">The numbers; a status without runs is missing.</param>
/// <param name="IsCapped">Whether there may be more runs, because not all were read.</param>
public sealed record RunCounts(IReadOnlyDictionary<RunStatus, int> ByStatus, bool IsCapped);
