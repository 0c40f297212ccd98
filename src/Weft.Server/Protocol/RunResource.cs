using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A run.</summary>
internal record RunResource
{
    /// <summary>The id.</summary>
    [JsonPropertyName("run_id")]
    public required Guid RunId { get; init; }

    /// <summary>The thread of the run.</summary>
    [JsonPropertyName("thread_id")]
    public required string ThreadId { get; init; }

    /// <summary>The assistant that the run executes.</summary>
    [JsonPropertyName("assistant_id")]
    public required Guid AssistantId { get; init; }

    /// <summary>The status.</summary>
    [JsonPropertyName("status")]
    [AllowedValues("pending", "running", "success", "error", "timeout", "interrupted")]
    public required string Status { get; init; }

    /// <summary>The metadata.</summary>
    [JsonPropertyName("metadata")]
    public required Dictionary<string, JsonElement> Metadata { get; init; }

    /// <summary>What the run did with unfinished runs of its thread.</summary>
    [JsonPropertyName("multitask_strategy")]
    [AllowedValues("reject", "rollback", "interrupt", "enqueue")]
    public required string MultitaskStrategy { get; init; }

    /// <summary>The request, with its defaults filled in.</summary>
    [JsonPropertyName("kwargs")]
    public required Dictionary<string, JsonElement> Kwargs { get; init; }

    /// <summary>When the run was created.</summary>
    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the status changed last.</summary>
    [JsonPropertyName("updated_at")]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Why the run was cancelled; null if it was not.</summary>
    [JsonPropertyName("cancel_reason")]
    public required string? CancelReason { get; init; }

    /// <summary>When the first attempt started; null if none did; missing below <c>/api/threads</c>.</summary>
    [JsonPropertyName("started_at")]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the run ended; null if it has not ended; missing below <c>/api/threads</c>.</summary>
    [JsonPropertyName("ended_at")]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How many times an execution of the run has started; missing below <c>/api/threads</c>.</summary>
    [JsonPropertyName("attempt")]
    public int? Attempt { get; init; }

    /// <summary>The time before which the run does not start; null if there is none; missing below <c>/api/threads</c>.</summary>
    [JsonPropertyName("not_before")]
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Why the run failed; null if it did not; missing below <c>/api/threads</c>.</summary>
    [JsonPropertyName("error")]
    public RunErrorResource? Error { get; init; }

    /// <summary>
    /// The tokens that the models of the run took; null if none said, and before the end. Missing below <c>/api/threads</c>.
    /// </summary>
    [JsonPropertyName("usage")]
    public TokenUsageResource? Usage { get; init; }
}
