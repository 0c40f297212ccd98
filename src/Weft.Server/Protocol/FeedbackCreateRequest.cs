using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A rating of a run.</summary>
internal sealed record FeedbackCreateRequest
{
    /// <summary>1 or -1. Required.</summary>
    [JsonPropertyName("rating")]
    public long? Rating { get; init; }

    /// <summary>A text for people.</summary>
    [JsonPropertyName("comment")]
    public string? Comment { get; init; }

    /// <summary>The message that is rated. null rates the run. It is not checked.</summary>
    [JsonPropertyName("message_id")]
    public string? MessageId { get; init; }
}
