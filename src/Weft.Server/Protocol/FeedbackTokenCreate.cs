using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A score for the key of a URL for feedback. Each member may be missing.</summary>
internal sealed record FeedbackTokenCreate
{
    /// <summary>A number, or a boolean: true is 1 and false is 0.</summary>
    [JsonPropertyName("score")]
    public JsonElement? Score { get; init; }

    /// <summary>Any JSON, for example the name of a category.</summary>
    [JsonPropertyName("value")]
    public JsonElement? Value { get; init; }

    /// <summary>A text for people.</summary>
    [JsonPropertyName("comment")]
    public string? Comment { get; init; }

    /// <summary>Any JSON: what would have been right.</summary>
    [JsonPropertyName("correction")]
    public JsonElement? Correction { get; init; }

    /// <summary>An object.</summary>
    [JsonPropertyName("metadata")]
    public JsonElement? Metadata { get; init; }
}
