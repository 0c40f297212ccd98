using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A node to run with an input of its own.</summary>
internal sealed record SendResource
{
    /// <summary>The node.</summary>
    [JsonPropertyName("node")]
    public required string Node { get; init; }

    /// <summary>The input of the node.</summary>
    [JsonPropertyName("input")]
    [SchemaOf(typeof(object))]
    public JsonElement? Input { get; init; }
}
