using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /threads/count</c>.</summary>
internal sealed record ThreadCount
{
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
}
