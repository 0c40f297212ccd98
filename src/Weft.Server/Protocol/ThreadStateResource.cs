using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A state of a thread.</summary>
internal sealed record ThreadStateResource
{
    /// <summary>The values of the channels.</summary>
    [JsonPropertyName("values")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>), typeof(List<Dictionary<string, JsonElement>>))]
    public required JsonElement Values { get; init; }

    /// <summary>The nodes that run next, one entry for each task.</summary>
    [JsonPropertyName("next")]
    public required List<string> Next { get; init; }

    /// <summary>The tasks that run next.</summary>
    [JsonPropertyName("tasks")]
    public required List<ThreadTaskResource> Tasks { get; init; }

    /// <summary>The metadata of the checkpoint.</summary>
    [JsonPropertyName("metadata")]
    public required Dictionary<string, JsonElement> Metadata { get; init; }

    /// <summary>When the checkpoint was made; null if there is none.</summary>
    [JsonPropertyName("created_at")]
    public required DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The checkpoint; null if the thread has none.</summary>
    [JsonPropertyName("checkpoint")]
    public required CheckpointConfigResource? Checkpoint { get; init; }

    /// <summary>The checkpoint before; null for the first.</summary>
    [JsonPropertyName("parent_checkpoint")]
    public required CheckpointConfigResource? ParentCheckpoint { get; init; }

    /// <summary>The interrupts that wait for an answer.</summary>
    [JsonPropertyName("interrupts")]
    public required List<InterruptResource> Interrupts { get; init; }

    /// <summary>The id of the checkpoint; only below <c>/api/threads</c>.</summary>
    [JsonPropertyName("checkpoint_id")]
    public string? CheckpointId { get; init; }

    /// <summary>The id of the checkpoint before; only below <c>/api/threads</c>.</summary>
    [JsonPropertyName("parent_checkpoint_id")]
    public string? ParentCheckpointId { get; init; }
}
