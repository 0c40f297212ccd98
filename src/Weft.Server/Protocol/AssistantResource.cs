using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>An assistant, as its current version has it.</summary>
internal sealed record AssistantResource : AssistantVersionResource
{
    /// <summary>When it was changed last.</summary>
    [JsonPropertyName("updated_at")]
    public required DateTimeOffset UpdatedAt { get; init; }
}
