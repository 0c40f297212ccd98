using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Statements on the rows of deliveries of webhooks that several stores use.</summary>
internal static class WebhookRows
{
    /// <summary>The columns of a delivery and its last attempt, without the payload.</summary>
    public const string Columns = """
        run_id, thread_id, owner, url, receiver, status, attempts, due_at, claimed, earlier_attempts, series_at, created_at, ended_at,
        last.attempt, last.started_at, last.duration, last.status_code, last.error
        """;

    /// <summary>The number of <see cref="Columns"/>.</summary>
    public const int ColumnCount = 18;

    /// <summary>The last attempts of the deliveries.</summary>
    public const string LastAttempts = """
        LEFT JOIN LATERAL (
            SELECT attempt, started_at, duration, status_code, error FROM weft.webhook_attempts AS attempts
            WHERE attempts.webhook_key = webhooks.webhook_key ORDER BY attempt DESC LIMIT 1) AS last ON true
        """;

    /// <summary>The deliveries, each with its last attempt.</summary>
    public const string Tables = $"weft.webhooks AS webhooks {LastAttempts}";

    /// <summary>
    /// Whether a row is the delivery of a run (<c>$1</c>) of an owner (<c>$2</c>). IS NOT DISTINCT FROM is the same as =, but keeps
    /// PostgreSQL from the indexes of owners.
    /// </summary>
    public const string IsOf = "webhooks.run_id = $1 AND webhooks.owner IS NOT DISTINCT FROM $2";

    private const string Insert = """
        INSERT INTO weft.webhooks (
            run_id, thread_id, owner, url, receiver, status, attempts, due_at, claimed, earlier_attempts, series_at, created_at, ended_at,
            payload_bytes, payload)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        ON CONFLICT (run_id) DO NOTHING
        """;

    private const string DeleteOfRun = "DELETE FROM weft.webhooks WHERE run_id = $1 AND status <> 'pending'";

    public static WebhookRecord Read(Row row) => new()
    {
        RunId = new RunId(row.Guid(0)),
        ThreadId = new ThreadId(row.Text(1)),
        Owner = row.Text(2),
        Url = row.Text(3),
        Receiver = row.Text(4),
        Status = ColumnEnums.WebhookStatus(row.Text(5)),
        Attempts = (int)row.Integer(6),
        DueAt = row.TimeOrNull(7),
        IsClaimed = row.Boolean(8),
        EarlierAttempts = (int)row.Integer(9),
        SeriesAt = row.Time(10),
        CreatedAt = row.Time(11),
        EndedAt = row.TimeOrNull(12),
        LastAttempt = row.IsNull(13) ? null : ReadAttempt(row, 13),
    };

    /// <summary>Reads an attempt from five columns.</summary>
    public static WebhookAttempt ReadAttempt(Row row, int column) => new(
        (int)row.Integer(column),
        row.Time(column + 1),
        TimeSpan.FromMicroseconds(row.Integer(column + 2)),
        row.IsNull(column + 3) ? null : (int)row.Integer(column + 3),
        row.TextOrNull(column + 4));

    /// <summary>Adds a delivery, unless its run has one.</summary>
    public static Task AddAsync(Session session, WebhookRecord webhook) => session.Use(Insert)
        .Add(webhook.RunId.Value).Add(webhook.ThreadId.Value).Add(webhook.Owner).Add(webhook.Url).Add(webhook.Receiver)
        .Add(webhook.Status.ToWire()).Add(webhook.Attempts).Add(webhook.DueAt).Add(webhook.IsClaimed).Add(webhook.EarlierAttempts)
        .Add(webhook.SeriesAt).Add(webhook.CreatedAt).Add(webhook.EndedAt).Add(webhook.Payload.Length).Add(webhook.Payload)
        .ExecuteAsync();

    /// <summary>Removes the delivery of a run, if it has ended.</summary>
    public static Task RemoveEndedAsync(Session session, RunId runId) => session.Use(DeleteOfRun).Add(runId.Value).ExecuteAsync();
}
