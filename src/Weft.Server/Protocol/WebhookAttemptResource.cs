using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A call of a webhook that has ended.</summary>
internal sealed record WebhookAttemptResource
{
    /// <summary>Its number among all attempts of the delivery, from 1.</summary>
    [JsonPropertyName("number")]
    public required int Number { get; init; }

    /// <summary>When it began.</summary>
    [JsonPropertyName("started_at")]
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took, in milliseconds.</summary>
    [JsonPropertyName("duration_ms")]
    public required double DurationMs { get; init; }

    /// <summary>The status of the answer; null if the receiver did not answer.</summary>
    [JsonPropertyName("status_code")]
    public required int? StatusCode { get; init; }

    /// <summary>Why the receiver did not answer, such as <c>timeout</c>; null if it answered.</summary>
    [JsonPropertyName("error")]
    public required string? Error { get; init; }
}
