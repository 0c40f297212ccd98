using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The answer to an edit of a state.</summary>
internal sealed record ThreadStateUpdateResponse
{
    /// <summary>The new checkpoint.</summary>
    [JsonPropertyName("checkpoint")]
    public required CheckpointConfigResource Checkpoint { get; init; }

    /// <summary>The same checkpoint, where older clients look for it.</summary>
    [JsonPropertyName("configurable")]
    public required CheckpointConfigResource Configurable { get; init; }
}
