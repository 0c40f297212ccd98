using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Reads and writes crons as rows.</summary>
internal static class CronRows
{
    public const string Columns = """
        cron_id, owner, assistant_id, thread_id, schedule, timezone, end_time, enabled, on_run_completed, next_run_date, version,
        created_at, updated_at, metadata, payload, access
        """;

    private const string IsAt = "SELECT 1 FROM crons WHERE cron_id = ?1 AND version = ?2";

    private const string SetNext = "UPDATE crons SET next_run_date = ?2, version = version + 1 WHERE cron_id = ?1";

    public static CronRecord Read(Statement row) => new()
    {
        CronId = new CronId(row.Guid(0)),
        Owner = row.Text(1),
        AssistantId = new AssistantId(row.Guid(2)),
        ThreadId = row.TextOrNull(3) is { } threadId ? new ThreadId(threadId) : null,
        Schedule = row.Text(4),
        TimeZone = row.Text(5),
        EndTime = row.TimeOrNull(6),
        IsEnabled = row.Integer(7) != 0,
        KeepsThreads = row.Bytes(8).SequenceEqual("keep"u8),
        NextRunAt = row.TimeOrNull(9),
        Version = row.Integer(10),
        CreatedAt = row.Time(11),
        UpdatedAt = row.Time(12),
        Metadata = row.Text(13),
        Payload = row.Bytes(14).ToArray(),
        Access = row.TextOrNull(15),
    };

    public static Statement AddValues(Statement statement, CronRecord cron) => statement
        .Add(cron.CronId.Value).Add(cron.Owner).Add(cron.AssistantId.Value).Add(cron.ThreadId?.Value)
        .Add(cron.Schedule).Add(cron.TimeZone).Add(cron.EndTime).Add(cron.IsEnabled).Add(cron.KeepsThreads ? "keep" : "delete")
        .Add(cron.NextRunAt).Add(cron.Version).Add(cron.CreatedAt).Add(cron.UpdatedAt)
        .Add(cron.Metadata).Add(cron.Payload).Add(cron.Access);

    /// <summary>Whether the cron has not changed since its run became due.</summary>
    public static bool MayStep(StoreConnection connection, CronStep step) =>
        connection.Use(IsAt).Add(step.CronId.Value).Add(step.Version).First(row => row.Integer(0)) == 1;

    /// <summary>Sets the next run of the cron.</summary>
    public static void Step(StoreConnection connection, CronStep step) =>
        connection.Use(SetNext).Add(step.CronId.Value).Add(step.NextRunAt).Execute();
}
