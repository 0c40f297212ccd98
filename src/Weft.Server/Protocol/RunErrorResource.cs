using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>Why a run failed.</summary>
internal sealed record RunErrorResource
{
    /// <summary>The kind of failure, such as the name of an exception.</summary>
    [JsonPropertyName("error")]
    public required string Error { get; init; }

    /// <summary>The message.</summary>
    [JsonPropertyName("message")]
    public required string? Message { get; init; }
}
