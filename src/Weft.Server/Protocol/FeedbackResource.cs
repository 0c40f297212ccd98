using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A feedback on a run: the rating of a user, or the score of a key.</summary>
internal sealed record FeedbackResource
{
    /// <summary>The id.</summary>
    [JsonPropertyName("feedback_id")]
    public required Guid FeedbackId { get; init; }

    /// <summary>The run.</summary>
    [JsonPropertyName("run_id")]
    public required Guid RunId { get; init; }

    /// <summary>The thread of the run.</summary>
    [JsonPropertyName("thread_id")]
    public required string ThreadId { get; init; }

    /// <summary>The user who rated the run; null for the score of a key, and on a server without authentication.</summary>
    [JsonPropertyName("owner_id")]
    public required string? OwnerId { get; init; }

    /// <summary>The key; null for a rating.</summary>
    [JsonPropertyName("key")]
    public required string? Key { get; init; }

    /// <summary>The score. A rating is 1 or -1.</summary>
    [JsonPropertyName("score")]
    public required double? Score { get; init; }

    /// <summary>Any JSON that was given with the score.</summary>
    [JsonPropertyName("value")]
    public required JsonElement? Value { get; init; }

    /// <summary>A text for people.</summary>
    [JsonPropertyName("comment")]
    public required string? Comment { get; init; }

    /// <summary>What would have been right.</summary>
    [JsonPropertyName("correction")]
    public required JsonElement? Correction { get; init; }

    /// <summary>An object that was given with the score.</summary>
    [JsonPropertyName("metadata")]
    public required Dictionary<string, JsonElement>? Metadata { get; init; }

    /// <summary>The message that was rated; null if the run was.</summary>
    [JsonPropertyName("message_id")]
    public required string? MessageId { get; init; }

    /// <summary>When it was given.</summary>
    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }
}
