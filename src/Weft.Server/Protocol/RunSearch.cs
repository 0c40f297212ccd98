using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /weft/runs/search</c>.</summary>
internal sealed record RunSearch : RunCountRequest
{
    /// <summary>The maximum number of runs in the response. null means 10.</summary>
    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    /// <summary>The <c>next</c> of the page before. null means the first page.</summary>
    [JsonPropertyName("cursor")]
    public string? Cursor { get; init; }

    /// <summary>The members of the runs to return. null means all.</summary>
    [JsonPropertyName("select")]
    [AllowedValues(
        "run_id", "thread_id", "assistant_id", "status", "metadata", "multitask_strategy", "kwargs", "created_at", "updated_at",
        "cancel_reason", "started_at", "ended_at", "attempt", "not_before", "error", "usage", "waits_for")]
    public List<string>? Select { get; init; }
}
