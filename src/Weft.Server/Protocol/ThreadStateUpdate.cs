using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /threads/{id}/state</c>.</summary>
internal sealed record ThreadStateUpdate
{
    /// <summary>The update: an object, a list of objects, or null.</summary>
    [JsonPropertyName("values")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>), typeof(List<Dictionary<string, JsonElement>>))]
    public JsonElement? Values { get; init; }

    /// <summary>The node whose update it is. null means the node that ran last.</summary>
    [JsonPropertyName("as_node")]
    public string? AsNode { get; init; }

    /// <summary>The checkpoint to edit, as states show it. null means the newest.</summary>
    [JsonPropertyName("checkpoint")]
    [SchemaOf(typeof(CheckpointSelector))]
    public JsonElement? Checkpoint { get; init; }

    /// <summary>The id of the checkpoint to edit. It wins over the one in <c>checkpoint</c>.</summary>
    [JsonPropertyName("checkpoint_id")]
    public string? CheckpointId { get; init; }
}
