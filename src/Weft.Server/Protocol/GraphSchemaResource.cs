using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The JSON Schemas of a graph.</summary>
internal sealed record GraphSchemaResource
{
    /// <summary>The id of the graph.</summary>
    [JsonPropertyName("graph_id")]
    public required string GraphId { get; init; }

    /// <summary>The schema of the input.</summary>
    [JsonPropertyName("input_schema")]
    public required Dictionary<string, JsonElement> InputSchema { get; init; }

    /// <summary>The schema of the output.</summary>
    [JsonPropertyName("output_schema")]
    public required Dictionary<string, JsonElement> OutputSchema { get; init; }

    /// <summary>The schema of the state.</summary>
    [JsonPropertyName("state_schema")]
    public required Dictionary<string, JsonElement> StateSchema { get; init; }

    /// <summary>The schema of <c>config.configurable</c>; null if it is not declared.</summary>
    [JsonPropertyName("config_schema")]
    public required Dictionary<string, JsonElement>? ConfigSchema { get; init; }

    /// <summary>The schema of the static context; null if it is not declared.</summary>
    [JsonPropertyName("context_schema")]
    public required Dictionary<string, JsonElement>? ContextSchema { get; init; }
}
