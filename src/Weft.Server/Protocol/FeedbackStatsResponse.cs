using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The number of ratings of a run.</summary>
internal sealed record FeedbackStatsResponse
{
    /// <summary>The run.</summary>
    [JsonPropertyName("run_id")]
    public required Guid RunId { get; init; }

    /// <summary>The number of all ratings.</summary>
    [JsonPropertyName("total")]
    public required int Total { get; init; }

    /// <summary>The number of ratings that are 1.</summary>
    [JsonPropertyName("positive")]
    public required int Positive { get; init; }

    /// <summary>The number of ratings that are -1.</summary>
    [JsonPropertyName("negative")]
    public required int Negative { get; init; }
}
