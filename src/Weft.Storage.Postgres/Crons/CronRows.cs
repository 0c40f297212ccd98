using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Reads and writes crons as rows.</summary>
internal static class CronRows
{
    /// <summary>The columns. Those that never change come last.</summary>
    public const string Columns = """
        cron_id, owner, assistant_id, schedule, timezone, end_time, enabled, on_run_completed, next_run_date, version, updated_at,
        metadata, payload, access, thread_id, created_at
        """;

    /// <summary>The number of <see cref="Columns"/>.</summary>
    public const int ColumnCount = 16;

    private const string LockAt = "SELECT 1 FROM weft.crons WHERE cron_id = $1 AND version = $2 FOR UPDATE";

    private const string SetNext = "UPDATE weft.crons SET next_run_date = $2, version = version + 1 WHERE cron_id = $1";

    public static CronRecord Read(Row row) => new()
    {
        CronId = new CronId(row.Guid(0)),
        Owner = row.Text(1),
        AssistantId = new AssistantId(row.Guid(2)),
        Schedule = row.Text(3),
        TimeZone = row.Text(4),
        EndTime = row.TimeOrNull(5),
        IsEnabled = row.Boolean(6),
        KeepsThreads = row.Text(7) == "keep",
        NextRunAt = row.TimeOrNull(8),
        Version = row.Integer(9),
        UpdatedAt = row.Time(10),
        Metadata = row.Text(11),
        Payload = row.Bytes(12),
        Access = row.TextOrNull(13),
        ThreadId = row.TextOrNull(14) is { } threadId ? new ThreadId(threadId) : null,
        CreatedAt = row.Time(15),
    };

    /// <summary>Adds the values of the columns without the thread and the time of creation.</summary>
    public static Statement AddValues(Statement statement, CronRecord cron) => statement
        .Add(cron.CronId.Value).Add(cron.Owner).Add(cron.AssistantId.Value)
        .Add(cron.Schedule).Add(cron.TimeZone).Add(cron.EndTime).Add(cron.IsEnabled).Add(cron.KeepsThreads ? "keep" : "delete")
        .Add(cron.NextRunAt).Add(cron.Version).Add(cron.UpdatedAt).Add(cron.Metadata).Add(cron.Payload).Add(cron.Access);

    /// <summary>
    /// Whether the cron has not changed since its run became due. It does not change until the end of the transaction: of two servers
    /// that create the run of one time, the second waits here and is refused.
    /// </summary>
    public static async Task<bool> MayStepAsync(Session session, CronStep step) =>
        await session.Use(LockAt).Add(step.CronId.Value).Add(step.Version).FirstAsync(row => row.Integer(0)) == 1;

    /// <summary>Sets the next run of the cron.</summary>
    public static Task StepAsync(Session session, CronStep step) =>
        session.Use(SetNext).Add(step.CronId.Value).Add(step.NextRunAt).ExecuteAsync();
}
