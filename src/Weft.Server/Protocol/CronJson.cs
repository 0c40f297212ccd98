using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>A cron on the wire (docs/protocol/crons.md B7).</summary>
internal static class CronJson
{
    /// <summary>What may be selected. <c>now</c> is the time of the response.</summary>
    public static string[] Members { get; } =
    [
        "cron_id", "assistant_id", "thread_id", "on_run_completed", "schedule", "timezone", "end_time", "enabled", "next_run_date",
        "user_id", "payload", "metadata", "created_at", "updated_at", "now",
    ];

    public static void Write(Utf8JsonWriter writer, CronRecord cron) => Write(writer, cron, null);

    /// <param name="writer">Where to.</param>
    /// <param name="cron">The cron.</param>
    /// <param name="now">The time of the response; null leaves it out.</param>
    public static void Write(Utf8JsonWriter writer, CronRecord cron, DateTimeOffset? now)
    {
        writer.WriteStartObject();
        writer.WriteString("cron_id"u8, cron.CronId.Value);
        writer.WriteString("assistant_id"u8, cron.AssistantId.Value);
        writer.WriteString("thread_id"u8, cron.ThreadId?.Value);
        writer.WriteString("on_run_completed"u8, cron.ThreadId is not null ? null : cron.KeepsThreads ? "keep" : "delete");
        writer.WriteString("schedule"u8, cron.Schedule);
        writer.WriteString("timezone"u8, cron.TimeZone);
        writer.Time("end_time"u8, cron.EndTime);
        writer.WriteBoolean("enabled"u8, cron.IsEnabled);
        writer.Time("next_run_date"u8, cron.NextRunAt);
        writer.WriteString("user_id"u8, cron.Owner.Length > 0 ? cron.Owner : null);
        writer.WritePropertyName("payload"u8);
        writer.WriteRawValue(cron.Payload.Span, skipInputValidation: true);
        writer.RawMember("metadata"u8, cron.Metadata);
        writer.Time("created_at"u8, cron.CreatedAt);
        writer.Time("updated_at"u8, cron.UpdatedAt);
        if (now is not null)
        {
            writer.Time("now"u8, now);
        }

        writer.WriteEndObject();
    }

    public static CronSort ParseSort(string? sortBy) => sortBy switch
    {
        null or "created_at" => CronSort.CreatedAt,
        "cron_id" => CronSort.CronId,
        "assistant_id" => CronSort.AssistantId,
        "thread_id" => CronSort.ThreadId,
        "next_run_date" => CronSort.NextRunAt,
        "end_time" => CronSort.EndTime,
        "updated_at" => CronSort.UpdatedAt,
        _ => throw Requests.Invalid(
            "sort_by", $"'{sortBy}' is none of cron_id, assistant_id, thread_id, next_run_date, end_time, created_at, updated_at."),
    };
}
