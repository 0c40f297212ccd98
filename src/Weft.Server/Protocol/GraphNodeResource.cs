using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A node of a drawing.</summary>
internal sealed record GraphNodeResource
{
    /// <summary>The id: the names of the nodes around it and its own, joined by <c>:</c>.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary><c>schema</c> for the start and the end, otherwise <c>runnable</c>.</summary>
    [JsonPropertyName("type")]
    [AllowedValues("schema", "runnable")]
    public required string Type { get; init; }

    /// <summary>The name of the start or the end, otherwise an object with <c>id</c> and <c>name</c>.</summary>
    [JsonPropertyName("data")]
    public required JsonElement Data { get; init; }

    /// <summary>The metadata of a node.</summary>
    [JsonPropertyName("metadata")]
    public Dictionary<string, JsonElement>? Metadata { get; init; }
}
