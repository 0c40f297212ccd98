using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The answer to a request to delete feedback.</summary>
internal sealed record FeedbackDeleteResponse
{
    /// <summary>Whether feedback was deleted.</summary>
    [JsonPropertyName("success")]
    public required bool Success { get; init; }
}
