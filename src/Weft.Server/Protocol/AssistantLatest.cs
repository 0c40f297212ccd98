using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /assistants/{assistant_id}/latest</c>.</summary>
internal sealed record AssistantLatest
{
    /// <summary>The version to make the current one.</summary>
    [JsonPropertyName("version")]
    public long? Version { get; init; }
}
