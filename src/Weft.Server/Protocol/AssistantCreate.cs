using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /assistants</c>.</summary>
internal sealed record AssistantCreate
{
    /// <summary>The id of the new assistant. null means a new UUID.</summary>
    [JsonPropertyName("assistant_id")]
    public string? AssistantId { get; init; }

    /// <summary>The id of its graph.</summary>
    [JsonPropertyName("graph_id")]
    public string? GraphId { get; init; }

    /// <summary>An object: the configuration of its runs, unless they have their own. null means an empty one.</summary>
    [JsonPropertyName("config")]
    [SchemaOf(typeof(ConfigResource))]
    public JsonElement? Config { get; init; }

    /// <summary>An object: the static context of its runs, unless they have their own. null means an empty one.</summary>
    [JsonPropertyName("context")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Context { get; init; }

    /// <summary>An object: the metadata. null means an empty one.</summary>
    [JsonPropertyName("metadata")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Metadata { get; init; }

    /// <summary><c>raise</c> (the default) or <c>do_nothing</c>: what happens if the assistant exists.</summary>
    [JsonPropertyName("if_exists")]
    [AllowedValues("raise", "do_nothing")]
    public string? IfExists { get; init; }

    /// <summary>The name. null means <c>Untitled</c>.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>What the assistant does.</summary>
    [JsonPropertyName("description")]
    public string? Description { get; init; }
}
