using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /weft/runs/count</c>.</summary>
internal record RunCountRequest
{
    /// <summary>The statuses of the runs: one, or a list. null means any.</summary>
    [JsonPropertyName("status")]
    [SchemaOf(typeof(string), OrList = true)]
    [AllowedValues("pending", "running", "success", "error", "timeout", "interrupted")]
    public JsonElement? Status { get; init; }

    /// <summary>The assistant of the runs: its id, or the id of its graph. null means any.</summary>
    [JsonPropertyName("assistant_id")]
    public string? AssistantId { get; init; }

    /// <summary>The graph of the runs. null means any.</summary>
    [JsonPropertyName("graph_id")]
    public string? GraphId { get; init; }

    /// <summary>The thread of the runs. null means any.</summary>
    [JsonPropertyName("thread_id")]
    public string? ThreadId { get; init; }

    /// <summary>An object that the metadata of the run must contain. null means any.</summary>
    [JsonPropertyName("metadata")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Metadata { get; init; }

    /// <summary>A part of the message of the error, in any case. null means any run.</summary>
    [JsonPropertyName("error")]
    public string? Error { get; init; }

    /// <summary>A date and time: only runs that were created then or later. null means any.</summary>
    [JsonPropertyName("from")]
    public string? From { get; init; }

    /// <summary>A date and time: only runs that were created before. null means any.</summary>
    [JsonPropertyName("to")]
    public string? To { get; init; }

    /// <summary>Only runs that have executed for this number of seconds or longer. null means any.</summary>
    [JsonPropertyName("min_seconds")]
    public double? MinSeconds { get; init; }
}
