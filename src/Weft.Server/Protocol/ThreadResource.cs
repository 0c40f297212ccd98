using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A thread.</summary>
internal sealed record ThreadResource
{
    /// <summary>The id: a UUID, or below <c>/api/threads</c> also another text.</summary>
    [JsonPropertyName("thread_id")]
    public required string ThreadId { get; init; }

    /// <summary>When the thread was created.</summary>
    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the thread was changed last.</summary>
    [JsonPropertyName("updated_at")]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the state was changed last; null if there is none.</summary>
    [JsonPropertyName("state_updated_at")]
    public required DateTimeOffset? StateUpdatedAt { get; init; }

    /// <summary>The metadata.</summary>
    [JsonPropertyName("metadata")]
    public required Dictionary<string, JsonElement> Metadata { get; init; }

    /// <summary>The status.</summary>
    [JsonPropertyName("status")]
    [AllowedValues("idle", "busy", "interrupted", "error")]
    public required string Status { get; init; }

    /// <summary>The configuration of the last run.</summary>
    [JsonPropertyName("config")]
    public required Dictionary<string, JsonElement> Config { get; init; }

    /// <summary>The values of the newest state; null if there is none, or if they were not asked for.</summary>
    [JsonPropertyName("values")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public required JsonElement Values { get; init; }

    /// <summary>The interrupts that wait for an answer, by the id of their task.</summary>
    [JsonPropertyName("interrupts")]
    public required Dictionary<string, List<InterruptResource>> Interrupts { get; init; }

    /// <summary>Why the last run failed; null if it did not.</summary>
    [JsonPropertyName("error")]
    public required string? Error { get; init; }

    /// <summary>What lists show of the thread, if <c>select</c> or <c>include</c> names it; null before its first run or edit.</summary>
    [JsonPropertyName("preview")]
    public ThreadPreviewResource? Preview { get; init; }

    /// <summary>The time to live, if <c>include</c> names it. null means that the thread does not expire.</summary>
    [JsonPropertyName("ttl")]
    public ThreadTtlResource? Ttl { get; init; }

    /// <summary>The values of the paths that a search extracts.</summary>
    [JsonPropertyName("extracted")]
    public Dictionary<string, JsonElement>? Extracted { get; init; }
}
