using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /threads/{id}/history</c>.</summary>
internal sealed record ThreadHistory
{
    /// <summary>The maximum number of states in the response. null means 10.</summary>
    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    /// <summary>The id of a checkpoint, or an object with <c>checkpoint_id</c>: only older states are returned.</summary>
    [JsonPropertyName("before")]
    [SchemaOf(typeof(string), typeof(CheckpointSelector))]
    public JsonElement? Before { get; init; }

    /// <summary>An object that the metadata of the checkpoints must contain. null means any.</summary>
    [JsonPropertyName("metadata")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Metadata { get; init; }

    /// <summary>An object with the id of the only state to return, or with the namespace of a subgraph.</summary>
    [JsonPropertyName("checkpoint")]
    [SchemaOf(typeof(CheckpointSelector))]
    public JsonElement? Checkpoint { get; init; }

    /// <summary>The members of the states to return. null means all.</summary>
    [JsonPropertyName("select")]
    public List<string>? Select { get; init; }
}
