using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A cron: a request for a run that is repeated at the times of a schedule.</summary>
internal sealed record CronResource
{
    /// <summary>The id.</summary>
    [JsonPropertyName("cron_id")]
    public required Guid CronId { get; init; }

    /// <summary>The assistant that its runs execute.</summary>
    [JsonPropertyName("assistant_id")]
    public required Guid AssistantId { get; init; }

    /// <summary>The thread of its runs; null if each run gets a new thread.</summary>
    [JsonPropertyName("thread_id")]
    public required string? ThreadId { get; init; }

    /// <summary>What happens to the new thread of each run at its end; null if the cron has a thread.</summary>
    [JsonPropertyName("on_run_completed")]
    [AllowedValues("delete", "keep", null)]
    public required string? OnRunCompleted { get; init; }

    /// <summary>A cron expression of five fields.</summary>
    [JsonPropertyName("schedule")]
    public required string Schedule { get; init; }

    /// <summary>The IANA name of the time zone of the schedule.</summary>
    [JsonPropertyName("timezone")]
    public required string TimeZone { get; init; }

    /// <summary>The end of the schedule. null means no end.</summary>
    [JsonPropertyName("end_time")]
    public required DateTimeOffset? EndTime { get; init; }

    /// <summary>Whether the cron creates runs.</summary>
    [JsonPropertyName("enabled")]
    public required bool Enabled { get; init; }

    /// <summary>When the next run is due; null if the cron is disabled or has ended.</summary>
    [JsonPropertyName("next_run_date")]
    public required DateTimeOffset? NextRunDate { get; init; }

    /// <summary>The user that the cron belongs to; null on a server without authentication.</summary>
    [JsonPropertyName("user_id")]
    public required string? UserId { get; init; }

    /// <summary>The request for each run.</summary>
    [JsonPropertyName("payload")]
    public required Dictionary<string, JsonElement> Payload { get; init; }

    /// <summary>The metadata of the cron, which its runs have too.</summary>
    [JsonPropertyName("metadata")]
    public required Dictionary<string, JsonElement> Metadata { get; init; }

    /// <summary>When the cron was created.</summary>
    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the cron was changed last.</summary>
    [JsonPropertyName("updated_at")]
    public required DateTimeOffset UpdatedAt { get; init; }
}
