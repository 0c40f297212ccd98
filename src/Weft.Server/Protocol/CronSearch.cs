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
    public string? SortBy { get; init; }

    /// <summary><c>asc</c> or <c>desc</c> (the default).</summary>
    [JsonPropertyName("sort_order")]
    public string? SortOrder { get; init; }

    /// <summary>The members of the crons to return; <c>now</c> adds the server's time. null means all.</summary>
    [JsonPropertyName("select")]
    public List<string>? Select { get; init; }
}
