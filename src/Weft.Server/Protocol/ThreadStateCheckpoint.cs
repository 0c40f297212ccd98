using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /threads/{id}/state/checkpoint</c>.</summary>
internal sealed record ThreadStateCheckpoint
{
    /// <summary>The checkpoint, as states show it. null means the newest.</summary>
    [JsonPropertyName("checkpoint")]
    [SchemaOf(typeof(CheckpointSelector))]
    public JsonElement? Checkpoint { get; init; }

    /// <summary>Whether tasks contain the states of their subgraphs.</summary>
    [JsonPropertyName("subgraphs")]
    public bool? Subgraphs { get; init; }

    /// <summary>The members of the state to return. null means all.</summary>
    [JsonPropertyName("select")]
    public List<string>? Select { get; init; }
}
