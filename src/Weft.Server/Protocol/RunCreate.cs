using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of a request for a run (docs/protocol/runs.md B5).</summary>
internal sealed record RunCreate
{
    [JsonPropertyName("assistant_id")]
    public string? AssistantId { get; init; }

    [JsonPropertyName("follow_up_to_run_id")]
    public string? FollowUpToRunId { get; init; }

    [JsonPropertyName("input")]
    public JsonElement? Input { get; init; }

    [JsonPropertyName("command")]
    public JsonElement? Command { get; init; }

    [JsonPropertyName("metadata")]
    public JsonElement? Metadata { get; init; }

    [JsonPropertyName("config")]
    public JsonElement? Config { get; init; }

    [JsonPropertyName("context")]
    public JsonElement? Context { get; init; }

    [JsonPropertyName("webhook")]
    public string? Webhook { get; init; }

    [JsonPropertyName("checkpoint_id")]
    public string? CheckpointId { get; init; }

    [JsonPropertyName("checkpoint")]
    public JsonElement? Checkpoint { get; init; }

    [JsonPropertyName("interrupt_before")]
    public JsonElement? InterruptBefore { get; init; }

    [JsonPropertyName("interrupt_after")]
    public JsonElement? InterruptAfter { get; init; }

    [JsonPropertyName("stream_mode")]
    public JsonElement? StreamMode { get; init; }

    [JsonPropertyName("stream_subgraphs")]
    public bool? StreamSubgraphs { get; init; }

    [JsonPropertyName("stream_resumable")]
    public bool? StreamResumable { get; init; }

    [JsonPropertyName("on_disconnect")]
    public string? OnDisconnect { get; init; }

    [JsonPropertyName("on_completion")]
    public string? OnCompletion { get; init; }

    [JsonPropertyName("multitask_strategy")]
    public string? MultitaskStrategy { get; init; }

    [JsonPropertyName("if_not_exists")]
    public string? IfNotExists { get; init; }

    [JsonPropertyName("after_seconds")]
    public double? AfterSeconds { get; init; }

    [JsonPropertyName("durability")]
    public string? Durability { get; init; }

    [JsonPropertyName("checkpoint_during")]
    public bool? CheckpointDuring { get; init; }

    [JsonPropertyName("strict_resume")]
    public bool? StrictResume { get; init; }

    [JsonPropertyName("feedback_keys")]
    public List<string>? FeedbackKeys { get; init; }
}
