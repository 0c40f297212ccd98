using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The address of a checkpoint.</summary>
internal sealed record CheckpointConfigResource
{
    /// <summary>The thread.</summary>
    [JsonPropertyName("thread_id")]
    public required string ThreadId { get; init; }

    /// <summary>The namespace: empty for the graph of the thread, otherwise of a subgraph.</summary>
    [JsonPropertyName("checkpoint_ns")]
    public required string CheckpointNs { get; init; }

    /// <summary>The id. Missing for a subgraph whose newest state is meant.</summary>
    [JsonPropertyName("checkpoint_id")]
    public string? CheckpointId { get; init; }

    // Not a dictionary: in a type that contains itself, the generator refers to those by a path that does not exist.
    /// <summary>The ids of the checkpoints around it and its own, by namespace; null for the graph of the thread.</summary>
    [JsonPropertyName("checkpoint_map")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? CheckpointMap { get; init; }

    /// <summary>The same as <c>checkpoint_id</c>; only below <c>/api/threads</c>.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    /// <summary>When it was made; only below <c>/api/threads</c>.</summary>
    [JsonPropertyName("ts")]
    public DateTimeOffset? Ts { get; init; }
}
