using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The sums over the entries of a timeline.</summary>
internal sealed record TimelineTotalsResource
{
    /// <summary>Of the supersteps.</summary>
    [JsonPropertyName("supersteps")]
    public required TimelineSumResource Supersteps { get; init; }

    /// <summary>Of the tasks.</summary>
    [JsonPropertyName("tasks")]
    public required TimelineSumResource Tasks { get; init; }

    /// <summary>Of the calls of models.</summary>
    [JsonPropertyName("model_calls")]
    public required TimelineSumResource ModelCalls { get; init; }

    /// <summary>Of the calls of tools.</summary>
    [JsonPropertyName("tool_calls")]
    public required TimelineSumResource ToolCalls { get; init; }
}

/// <summary>The sums over entries of one kind.</summary>
internal sealed record TimelineSumResource
{
    /// <summary>The number of entries.</summary>
    [JsonPropertyName("count")]
    public required long Count { get; init; }

    /// <summary>How many of them failed.</summary>
    [JsonPropertyName("errors")]
    public required long Errors { get; init; }

    /// <summary>Their durations together, in milliseconds.</summary>
    [JsonPropertyName("ms")]
    public required double Ms { get; init; }

    /// <summary>Of model calls: their tokens.</summary>
    [JsonPropertyName("usage")]
    public ModelUsageResource? Usage { get; init; }
}
