using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A superstep, a task, or a call of a model or a tool.</summary>
internal sealed record TimelineEntryResource
{
    /// <summary><c>superstep</c>, <c>task</c>, <c>model_call</c> or <c>tool_call</c>.</summary>
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    /// <summary>The attempt of the run.</summary>
    [JsonPropertyName("run_attempt")]
    public required int RunAttempt { get; init; }

    /// <summary><c>running</c>, <c>success</c>, <c>error</c>, <c>interrupted</c> or <c>cancelled</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>When it started, in milliseconds since the start of the run.</summary>
    [JsonPropertyName("start_ms")]
    public required double StartMs { get; init; }

    /// <summary>When it ended; null while it runs.</summary>
    [JsonPropertyName("end_ms")]
    public required double? EndMs { get; init; }

    /// <summary>The kind of failure; null if it did not fail.</summary>
    [JsonPropertyName("error")]
    public required string? Error { get; init; }

    /// <summary>Of supersteps and tasks: the checkpoint namespace of their graph.</summary>
    [JsonPropertyName("namespace")]
    public string? Namespace { get; init; }

    /// <summary>Of supersteps and tasks: the number of the superstep.</summary>
    [JsonPropertyName("step")]
    public int? Step { get; init; }

    /// <summary>Of supersteps: the checkpoint that it made; null if none is stored.</summary>
    [JsonPropertyName("checkpoint_id")]
    public string? CheckpointId { get; init; }

    /// <summary>Of supersteps: the source of the checkpoint.</summary>
    [JsonPropertyName("source")]
    public string? Source { get; init; }

    /// <summary>Of tasks: the id.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    /// <summary>Of tasks: the node.</summary>
    [JsonPropertyName("node")]
    public string? Node { get; init; }

    /// <summary>Of tasks: how many times the node was tried.</summary>
    [JsonPropertyName("attempt")]
    public int? Attempt { get; init; }

    /// <summary>Of tasks: whether the result comes from the node cache.</summary>
    [JsonPropertyName("cached")]
    public bool? Cached { get; init; }

    /// <summary>Of calls: the task.</summary>
    [JsonPropertyName("task_id")]
    public string? TaskId { get; init; }

    /// <summary>Of calls: the name of the client or the tool.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>Of model calls: the model; null if it is not known.</summary>
    [JsonPropertyName("model")]
    public string? Model { get; init; }

    /// <summary>Of model calls: the tokens; null if the model did not say.</summary>
    [JsonPropertyName("usage")]
    public ModelUsageResource? Usage { get; init; }

    /// <summary>Of tool calls: the id; null if the model gave none.</summary>
    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }
}
