using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /threads/search</c>.</summary>
internal sealed record ThreadSearch
{
    /// <summary>The ids of the threads to search. null means all.</summary>
    [JsonPropertyName("ids")]
    public List<string>? Ids { get; init; }

    /// <summary>An object that the thread's metadata must contain. null means any.</summary>
    [JsonPropertyName("metadata")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Metadata { get; init; }

    /// <summary>An object that the thread's values must contain. null means any.</summary>
    [JsonPropertyName("values")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Values { get; init; }

    /// <summary><c>idle</c>, <c>busy</c>, <c>interrupted</c> or <c>error</c>. null means any.</summary>
    [JsonPropertyName("status")]
    [AllowedValues("idle", "busy", "interrupted", "error")]
    public string? Status { get; init; }

    /// <summary>The maximum number of threads in the response. null means the mount's default.</summary>
    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    /// <summary>The number of threads to skip. null means 0.</summary>
    [JsonPropertyName("offset")]
    public long? Offset { get; init; }

    /// <summary><c>thread_id</c>, <c>status</c>, <c>created_at</c> (the default), <c>updated_at</c> or <c>state_updated_at</c>.</summary>
    [JsonPropertyName("sort_by")]
    [AllowedValues("thread_id", "status", "created_at", "updated_at", "state_updated_at")]
    public string? SortBy { get; init; }

    /// <summary><c>asc</c> or <c>desc</c> (the default).</summary>
    [JsonPropertyName("sort_order")]
    [AllowedValues("asc", "desc")]
    public string? SortOrder { get; init; }

    /// <summary>The members of the threads to return. null means all.</summary>
    [JsonPropertyName("select")]
    [AllowedValues(
        "thread_id", "created_at", "updated_at", "state_updated_at", "metadata", "status", "config", "values",
        "interrupts", "error", "preview", "context")]
    public List<string>? Select { get; init; }

    /// <summary>Paths such as <c>values.messages[-1]</c>, by the names that their values get in <c>extracted</c>.</summary>
    [JsonPropertyName("extract")]
    public Dictionary<string, string>? Extract { get; init; }
}
