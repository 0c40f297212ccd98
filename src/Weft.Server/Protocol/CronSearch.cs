using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /runs/crons/search</c>.</summary>
internal sealed record CronSearch : CronCountRequest
{
    /// <summary>The maximum number of crons in the response. null means 10.</summary>
    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    /// <summary>The number of crons to skip. null means 0.</summary>
    [JsonPropertyName("offset")]
    public long? Offset { get; init; }

    /// <summary>
    /// <c>cron_id</c>, <c>assistant_id</c>, <c>thread_id</c>, <c>next_run_date</c>, <c>end_time</c>, <c>created_at</c> (the default) or
    /// <c>updated_at</c>.
    /// </summary>
    [JsonPropertyName("sort_by")]
    [AllowedValues("cron_id", "assistant_id", "thread_id", "next_run_date", "end_time", "created_at", "updated_at")]
    public string? SortBy { get; init; }

    /// <summary><c>asc</c> or <c>desc</c> (the default).</summary>
    [JsonPropertyName("sort_order")]
    [AllowedValues("asc", "desc")]
    public string? SortOrder { get; init; }

    /// <summary>The members of the crons to return; <c>now</c> adds the server's time. null means all.</summary>
    [JsonPropertyName("select")]
    [AllowedValues(
        "cron_id", "assistant_id", "thread_id", "on_run_completed", "schedule", "timezone", "end_time", "enabled",
        "next_run_date", "user_id", "payload", "metadata", "created_at", "updated_at", "now")]
    public List<string>? Select { get; init; }
}
