using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The delivery of the end of a run to its webhook.</summary>
internal record WebhookResource
{
    /// <summary>The run that has ended. It identifies the delivery, and is sent as <c>webhook-id</c>.</summary>
    [JsonPropertyName("run_id")]
    public required Guid RunId { get; init; }

    /// <summary>The thread of the run, which may be deleted already.</summary>
    [JsonPropertyName("thread_id")]
    public required string ThreadId { get; init; }

    /// <summary>Where to send it.</summary>
    [JsonPropertyName("url")]
    public required string Url { get; init; }

    /// <summary>The state of the delivery.</summary>
    [JsonPropertyName("status")]
    [AllowedValues("pending", "delivered", "failed")]
    public required string Status { get; init; }

    /// <summary>The number of attempts that have begun.</summary>
    [JsonPropertyName("attempt_count")]
    public required int AttemptCount { get; init; }

    /// <summary>The last attempt that has ended; null if there is none.</summary>
    [JsonPropertyName("last_attempt")]
    public required WebhookAttemptResource? LastAttempt { get; init; }

    /// <summary>When the next attempt is due; null if there is none, or one has begun.</summary>
    [JsonPropertyName("next_attempt_at")]
    public required DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When the run ended.</summary>
    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was delivered or given up. null while it is pending.</summary>
    [JsonPropertyName("ended_at")]
    public required DateTimeOffset? EndedAt { get; init; }
}
