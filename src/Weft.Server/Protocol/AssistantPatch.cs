using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>PATCH /assistants/{assistant_id}</c>. A member that is null or missing does not change.</summary>
internal sealed record AssistantPatch
{
    /// <summary>The id of its graph.</summary>
    [JsonPropertyName("graph_id")]
    public string? GraphId { get; init; }

    /// <summary>An object: the configuration, which replaces the one before.</summary>
    [JsonPropertyName("config")]
    [SchemaOf(typeof(ConfigResource))]
    public JsonElement? Config { get; init; }

    /// <summary>An object: the static context, which replaces the one before.</summary>
    [JsonPropertyName("context")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Context { get; init; }

    /// <summary>An object whose members are merged into the metadata.</summary>
    [JsonPropertyName("metadata")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Metadata { get; init; }

    /// <summary>The name.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>What the assistant does.</summary>
    [JsonPropertyName("description")]
    public string? Description { get; init; }
}
