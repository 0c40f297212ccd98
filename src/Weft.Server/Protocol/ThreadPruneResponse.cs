using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The answer to the pruning of threads.</summary>
internal sealed record ThreadPruneResponse
{
    /// <summary>The number of threads that were pruned.</summary>
    [JsonPropertyName("pruned_count")]
    public required int PrunedCount { get; init; }
}
