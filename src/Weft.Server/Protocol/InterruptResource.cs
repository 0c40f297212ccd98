using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A question of a task that waits for an answer.</summary>
internal sealed record InterruptResource
{
    /// <summary>The id, which an answer may name.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>The question.</summary>
    [JsonPropertyName("value")]
    public required JsonElement Value { get; init; }

    /// <summary>The JSON Schema of the answer. Missing if the node expects no type.</summary>
    [JsonPropertyName("response_schema")]
    public JsonElement? ResponseSchema { get; init; }
}
