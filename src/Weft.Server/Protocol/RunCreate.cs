using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of a request for a run (docs/protocol/runs.md B5).</summary>
internal record RunCreate
{
    /// <summary>The assistant: its id, or the id of its graph.</summary>
    [JsonPropertyName("assistant_id")]
    public string? AssistantId { get; init; }

    /// <summary>The run that this one follows up on.</summary>
    [JsonPropertyName("follow_up_to_run_id")]
    public string? FollowUpToRunId { get; init; }

    /// <summary>The input of the graph. null continues from the checkpoint.</summary>
    [JsonPropertyName("input")]
    [SchemaOf(typeof(object))]
    public JsonElement? Input { get; init; }

    /// <summary>An object with <c>update</c>, <c>resume</c> or <c>goto</c>, in place of an input.</summary>
    [JsonPropertyName("command")]
    [SchemaOf(typeof(CommandResource))]
    public JsonElement? Command { get; init; }

    /// <summary>An object: the metadata of the run. null means an empty one.</summary>
    [JsonPropertyName("metadata")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Metadata { get; init; }

    /// <summary>An object with <c>configurable</c>, <c>tags</c>, <c>metadata</c> and <c>recursion_limit</c>.</summary>
    [JsonPropertyName("config")]
    [SchemaOf(typeof(ConfigResource))]
    public JsonElement? Config { get; init; }

    /// <summary>An object: the static context of the run.</summary>
    [JsonPropertyName("context")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Context { get; init; }

    /// <summary>The URL to call when the run has ended, or a path of this server.</summary>
    [JsonPropertyName("webhook")]
    public string? Webhook { get; init; }

    /// <summary>The checkpoint to start from. null means the newest.</summary>
    [JsonPropertyName("checkpoint_id")]
    public string? CheckpointId { get; init; }

    /// <summary>The checkpoint to start from, as states show it.</summary>
    [JsonPropertyName("checkpoint")]
    [SchemaOf(typeof(CheckpointSelector))]
    public JsonElement? Checkpoint { get; init; }

    /// <summary><c>*</c> or a list of the nodes to pause before.</summary>
    [JsonPropertyName("interrupt_before")]
    [SchemaOf(typeof(string), OrList = true)]
    public JsonElement? InterruptBefore { get; init; }

    /// <summary><c>*</c> or a list of the nodes to pause after.</summary>
    [JsonPropertyName("interrupt_after")]
    [SchemaOf(typeof(string), OrList = true)]
    public JsonElement? InterruptAfter { get; init; }

    /// <summary>A stream mode or a list of them. null means the mount's default.</summary>
    [JsonPropertyName("stream_mode")]
    [SchemaOf(typeof(string), OrList = true)]
    [AllowedValues("values", "messages", "messages-tuple", "updates", "events", "debug", "tasks", "checkpoints", "custom", "tools")]
    public JsonElement? StreamMode { get; init; }

    /// <summary>Whether the events of subgraphs are streamed too.</summary>
    [JsonPropertyName("stream_subgraphs")]
    public bool? StreamSubgraphs { get; init; }

    /// <summary>Whether the stream is stored, so that it can be replayed after a restart of the server.</summary>
    [JsonPropertyName("stream_resumable")]
    public bool? StreamResumable { get; init; }

    /// <summary><c>cancel</c> or <c>continue</c>: what happens to the run if its client disconnects.</summary>
    [JsonPropertyName("on_disconnect")]
    [AllowedValues("cancel", "continue")]
    public string? OnDisconnect { get; init; }

    /// <summary><c>delete</c> or <c>keep</c>: what happens to the thread of a stateless run at its end.</summary>
    [JsonPropertyName("on_completion")]
    [AllowedValues("delete", "keep")]
    public string? OnCompletion { get; init; }

    /// <summary><c>reject</c>, <c>rollback</c>, <c>interrupt</c> or <c>enqueue</c>, if the thread has an unfinished run.</summary>
    [JsonPropertyName("multitask_strategy")]
    [AllowedValues("reject", "rollback", "interrupt", "enqueue")]
    public string? MultitaskStrategy { get; init; }

    /// <summary><c>create</c> or <c>reject</c>: what happens if the thread does not exist.</summary>
    [JsonPropertyName("if_not_exists")]
    [AllowedValues("create", "reject")]
    public string? IfNotExists { get; init; }

    /// <summary>The number of seconds to wait before the run starts.</summary>
    [JsonPropertyName("after_seconds")]
    public double? AfterSeconds { get; init; }

    /// <summary><c>sync</c>, <c>async</c> (the default) or <c>exit</c>: when checkpoints are stored.</summary>
    [JsonPropertyName("durability")]
    [AllowedValues("sync", "async", "exit")]
    public string? Durability { get; init; }

    /// <summary>The older form of <c>durability</c>: false means <c>exit</c>.</summary>
    [JsonPropertyName("checkpoint_during")]
    public bool? CheckpointDuring { get; init; }

    /// <summary>Whether a resume of an interrupt that is not pending fails the run.</summary>
    [JsonPropertyName("strict_resume")]
    public bool? StrictResume { get; init; }

    /// <summary>The keys that feedback is wanted for.</summary>
    [JsonPropertyName("feedback_keys")]
    public List<string>? FeedbackKeys { get; init; }
}
