using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The answer to the removal of a thread below <c>/api/threads</c>.</summary>
internal sealed record ThreadDeleteResponse
{
    /// <summary>Always true.</summary>
    [JsonPropertyName("success")]
    public required bool Success { get; init; }

    /// <summary>A text that names the thread.</summary>
    [JsonPropertyName("message")]
    public required string Message { get; init; }
}
