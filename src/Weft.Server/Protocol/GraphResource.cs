using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The drawing of a graph.</summary>
internal sealed record GraphResource
{
    /// <summary>The start, the nodes and the end.</summary>
    [JsonPropertyName("nodes")]
    public required List<GraphNodeResource> Nodes { get; init; }

    /// <summary>The edges.</summary>
    [JsonPropertyName("edges")]
    public required List<GraphEdgeResource> Edges { get; init; }
}
