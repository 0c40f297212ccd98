using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>An edge of a drawing.</summary>
internal sealed record GraphEdgeResource
{
    /// <summary>The node at which it begins.</summary>
    [JsonPropertyName("source")]
    public required string Source { get; init; }

    /// <summary>The node at which it ends.</summary>
    [JsonPropertyName("target")]
    public required string Target { get; init; }

    /// <summary>Whether it is not always taken.</summary>
    [JsonPropertyName("conditional")]
    public required bool Conditional { get; init; }

    /// <summary>When it is taken.</summary>
    [JsonPropertyName("data")]
    public string? Data { get; init; }
}
