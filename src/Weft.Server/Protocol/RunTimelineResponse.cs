using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>What a run did, as far as it is known.</summary>
internal sealed record RunTimelineResponse
{
    /// <summary>The first 5,000 supersteps, tasks and calls, about in the order in which they started.</summary>
    [JsonPropertyName("entries")]
    public required List<TimelineEntryResource> Entries { get; init; }

    /// <summary>The number of entries that are missing because there are more.</summary>
    [JsonPropertyName("omitted")]
    public required long Omitted { get; init; }

    /// <summary>The sums over all entries, the missing ones included.</summary>
    [JsonPropertyName("totals")]
    public required TimelineTotalsResource Totals { get; init; }

    /// <summary>The attempts of the run whose entries are known.</summary>
    [JsonPropertyName("attempts")]
    public required List<int> Attempts { get; init; }

    /// <summary>Whether an attempt executes, so that more entries follow.</summary>
    [JsonPropertyName("is_running")]
    public required bool IsRunning { get; init; }

    /// <summary>The start of the run, from which the times are counted; null if it has not started.</summary>
    [JsonPropertyName("started_at")]
    public required DateTimeOffset? StartedAt { get; init; }
}
