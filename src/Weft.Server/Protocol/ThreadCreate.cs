using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /threads</c>.</summary>
internal sealed record ThreadCreate
{
    /// <summary>The id of the new thread. null means a new UUID.</summary>
    [JsonPropertyName("thread_id")]
    public string? ThreadId { get; init; }

    /// <summary>An object: the metadata of the thread. null means an empty one.</summary>
    [JsonPropertyName("metadata")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Metadata { get; init; }

    /// <summary><c>raise</c> or <c>do_nothing</c>: what happens if the thread exists. null means the mount's default.</summary>
    [JsonPropertyName("if_exists")]
    [AllowedValues("raise", "do_nothing")]
    public string? IfExists { get; init; }

    /// <summary>The time to live: minutes, or an object with <c>ttl</c> (minutes) and <c>strategy</c>. null means none.</summary>
    [JsonPropertyName("ttl")]
    [SchemaOf(typeof(double), typeof(ThreadTtlCreate))]
    public JsonElement? Ttl { get; init; }

    /// <summary>A list of objects with <c>updates</c>: the history that the thread begins with. null means none.</summary>
    [JsonPropertyName("supersteps")]
    [SchemaOf(typeof(List<ThreadSuperstep>))]
    public JsonElement? Supersteps { get; init; }
}
