using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The tokens that the models of a thread's runs took.</summary>
internal sealed record ThreadUsageResource
{
    /// <summary>The thread.</summary>
    [JsonPropertyName("thread_id")]
    public required string ThreadId { get; init; }

    /// <summary>The number of runs of which it is known.</summary>
    [JsonPropertyName("runs")]
    public required long Runs { get; init; }

    /// <summary>The sum over these runs.</summary>
    [JsonPropertyName("usage")]
    public required TokenUsageResource Usage { get; init; }
}
