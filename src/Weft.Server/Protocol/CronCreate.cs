using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>
/// The body of a request that creates or changes a cron (docs/protocol/crons.md B7): a schedule, and the members of a run.
/// </summary>
internal sealed record CronCreate : RunCreate
{
    /// <summary>A cron expression of five fields: minute, hour, day of month, month, day of week.</summary>
    [JsonPropertyName("schedule")]
    public string? Schedule { get; init; }

    /// <summary>The IANA name of the time zone of the schedule. null means UTC.</summary>
    [JsonPropertyName("timezone")]
    public string? TimeZone { get; init; }

    /// <summary>A date and time: the end of the schedule. null means no end.</summary>
    [JsonPropertyName("end_time")]
    [SchemaOf(typeof(DateTimeOffset))]
    public JsonElement EndTime { get; init; }

    /// <summary>Whether the cron creates runs. null means true.</summary>
    [JsonPropertyName("enabled")]
    public bool? Enabled { get; init; }

    /// <summary><c>delete</c> (the default) or <c>keep</c>: what happens to the new thread of each run at its end.</summary>
    [JsonPropertyName("on_run_completed")]
    [AllowedValues("delete", "keep")]
    public string? OnRunCompleted { get; init; }
}
