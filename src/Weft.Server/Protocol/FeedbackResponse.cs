using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A stored rating of a run.</summary>
internal sealed record FeedbackResponse
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

    /// <summary>The user who rated the run; null on a server without authentication.</summary>
    [JsonPropertyName("owner_id")]
    public required string? OwnerId { get; init; }

    /// <summary>The message that was rated; null if the run was.</summary>
    [JsonPropertyName("message_id")]
    public required string? MessageId { get; init; }

    /// <summary>1 or -1.</summary>
    [JsonPropertyName("rating")]
    public required int Rating { get; init; }

    /// <summary>A text for people.</summary>
    [JsonPropertyName("comment")]
    public required string? Comment { get; init; }

    /// <summary>When it was given.</summary>
    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }
}
