using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A message of a run.</summary>
internal sealed record RunMessageResource
{
    /// <summary>The run that wrote it.</summary>
    [JsonPropertyName("run_id")]
    public required Guid RunId { get; init; }

    /// <summary>The message.</summary>
    [JsonPropertyName("content")]
    public required JsonElement Content { get; init; }

    /// <summary>The metadata.</summary>
    [JsonPropertyName("metadata")]
    public required Dictionary<string, JsonElement> Metadata { get; init; }

    /// <summary>When it was written.</summary>
    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its number in the thread.</summary>
    [JsonPropertyName("seq")]
    public required long Seq { get; init; }
}
