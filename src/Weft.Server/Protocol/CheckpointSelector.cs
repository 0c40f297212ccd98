using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The checkpoint that a request means, as states show it.</summary>
internal sealed record CheckpointSelector
{
    /// <summary>The thread. It is ignored, because the path of the request names the thread.</summary>
    [JsonPropertyName("thread_id")]
    public string? ThreadId { get; init; }

    /// <summary>The namespace: empty for the graph of the thread, otherwise of a subgraph.</summary>
    [JsonPropertyName("checkpoint_ns")]
    public string? CheckpointNs { get; init; }

    /// <summary>The id. null means the newest.</summary>
    [JsonPropertyName("checkpoint_id")]
    public string? CheckpointId { get; init; }

    /// <summary>The ids of the checkpoints around it, by namespace.</summary>
    [JsonPropertyName("checkpoint_map")]
    public Dictionary<string, JsonElement>? CheckpointMap { get; init; }
}
