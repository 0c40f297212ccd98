using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /assistants/search</c> and <c>/count</c>.</summary>
internal sealed record AssistantSearch
{
    /// <summary>An object that the assistant's metadata must contain. null means any.</summary>
    [JsonPropertyName("metadata")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Metadata { get; init; }

    /// <summary>The graph of the assistants. null means any.</summary>
    [JsonPropertyName("graph_id")]
    public string? GraphId { get; init; }

    /// <summary>A part of the assistant's name, in any case. null means any name.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>The maximum number of assistants in the response. null means 10.</summary>
    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    /// <summary>The number of assistants to skip. null means 0.</summary>
    [JsonPropertyName("offset")]
    public long? Offset { get; init; }

    /// <summary><c>assistant_id</c>, <c>graph_id</c>, <c>name</c>, <c>created_at</c> (the default) or <c>updated_at</c>.</summary>
    [JsonPropertyName("sort_by")]
    [AllowedValues("assistant_id", "graph_id", "name", "created_at", "updated_at")]
    public string? SortBy { get; init; }

    /// <summary><c>asc</c> or <c>desc</c> (the default).</summary>
    [JsonPropertyName("sort_order")]
    [AllowedValues("asc", "desc")]
    public string? SortOrder { get; init; }

    /// <summary>The members of the assistants to return. null means all.</summary>
    [JsonPropertyName("select")]
    [AllowedValues(
        "assistant_id", "graph_id", "name", "description", "config", "context", "metadata", "version", "created_at",
        "updated_at")]
    public List<string>? Select { get; init; }
}
