using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Keeps deliveries of webhooks.</summary>
internal sealed class PostgresWebhookStore(PostgresDatabase database) : IWebhookStore
{
    private const int AttemptsMax = 100;
    private const int DeletesAtOnce = 100;

    // Steps from receiver to receiver in the index, however many deliveries each has.
    private const string ListReceivers = """
        WITH RECURSIVE receivers (receiver) AS (
            (SELECT receiver FROM weft.webhooks WHERE due_at IS NOT NULL ORDER BY receiver LIMIT 1)
            UNION ALL
            SELECT (SELECT next.receiver FROM weft.webhooks AS next
                    WHERE next.due_at IS NOT NULL AND next.receiver > receivers.receiver ORDER BY next.receiver LIMIT 1)
            FROM receivers WHERE receivers.receiver IS NOT NULL)
        SELECT receiver, (SELECT first.due_at FROM weft.webhooks AS first
                          WHERE first.due_at IS NOT NULL AND first.receiver = receivers.receiver ORDER BY first.due_at LIMIT 1)
        FROM receivers WHERE receiver IS NOT NULL
        """;

    // Deliveries that another server claims at the same time are left to it.
    private const string LockDue = """
        SELECT due.webhook_key
        FROM unnest($1::text[], $2::int[]) AS wanted (receiver, count)
        CROSS JOIN LATERAL (
            SELECT webhook_key, due_at FROM weft.webhooks AS found
            WHERE found.receiver = wanted.receiver AND found.due_at <= $3 ORDER BY found.due_at LIMIT wanted.count
            FOR UPDATE SKIP LOCKED) AS due
        ORDER BY due.due_at
        """;

    private const string SetClaimed = """
        UPDATE weft.webhooks SET attempts = attempts + 1, claimed = true, due_at = $2 WHERE webhook_key = ANY($1)
        """;

    private const string ListClaimed = $"""
        SELECT {WebhookRows.Columns}, payload
        FROM unnest($1::bigint[]) WITH ORDINALITY AS claimed (key, place)
        CROSS JOIN LATERAL (SELECT * FROM weft.webhooks AS found WHERE found.webhook_key = claimed.key LIMIT 1) AS webhooks
        {WebhookRows.LastAttempts}
        ORDER BY place
        """;

    private const string Record = """
        WITH changed AS (
            UPDATE weft.webhooks
            SET status = $3, due_at = $4, claimed = false, ended_at = CASE WHEN $4::bigint IS NULL THEN $5::bigint END
            WHERE run_id = $1 AND attempts = $2 AND claimed
            RETURNING webhook_key),
        dropped AS (
            DELETE FROM weft.webhook_attempts AS attempts USING changed
            WHERE attempts.webhook_key = changed.webhook_key AND attempts.attempt <= $10)
        INSERT INTO weft.webhook_attempts (webhook_key, attempt, started_at, duration, status_code, error)
        SELECT webhook_key, $2, $6, $7, $8, $9 FROM changed
        """;

    private const string HasAttempt = """
        SELECT 1 FROM weft.webhooks AS webhooks
        JOIN weft.webhook_attempts AS attempts ON attempts.webhook_key = webhooks.webhook_key AND attempt = $2
        WHERE run_id = $1 AND started_at = $3
        """;

    private const string Resend = $"""
        UPDATE weft.webhooks
        SET status = 'pending', due_at = $3, earlier_attempts = attempts, series_at = $3, ended_at = NULL
        WHERE {WebhookRows.IsOf} AND NOT claimed
        """;

    private const string FindWebhook =
        $"SELECT {WebhookRows.Columns}, payload FROM {WebhookRows.Tables} WHERE {WebhookRows.IsOf}";

    private const string ListAttempts = """
        SELECT attempt, started_at, duration, status_code, error
        FROM weft.webhook_attempts
        WHERE webhook_key = (SELECT webhook_key FROM weft.webhooks WHERE run_id = $1) ORDER BY attempt
        """;

    private const string SumEnded = "SELECT coalesce(sum(payload_bytes), 0)::bigint FROM weft.webhooks WHERE ended_at >= $1";

    private const string ListEnded = """
        SELECT webhook_key, ended_at, payload_bytes FROM weft.webhooks WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT $1
        """;

    // A delivery that was repeated meanwhile is kept.
    private const string Delete = "DELETE FROM weft.webhooks WHERE webhook_key = ANY($1) AND ended_at + 0 <= $2";

    public Task<IReadOnlyList<WebhookReceiver>> ListReceiversAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<WebhookReceiver>>(
            async session => await session.Use(ListReceivers).ListAsync(row => new WebhookReceiver(row.Text(0), row.Time(1))),
            cancellationToken);

    public Task<IReadOnlyList<WebhookRecord>> ClaimAsync(
        IReadOnlyDictionary<string, int> counts, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<WebhookRecord>>(
            async session =>
            {
                var due = await session.Use(LockDue)
                    .Add(counts.Keys.ToArray()).Add(counts.Values.ToArray()).Add(now).ListAsync(row => row.Integer(0));
                if (due.Count == 0)
                {
                    return [];
                }

                var keys = due.ToArray();
                await session.Use(SetClaimed).Add(keys).Add(until).ExecuteAsync();
                return await session.Use(ListClaimed).Add(keys).ListAsync(ReadWithPayload);
            },
            cancellationToken);

    public Task<bool> TryRecordAsync(
        RunId runId, WebhookAttempt attempt, WebhookStatus status, DateTimeOffset? dueAt, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async session =>
            {
                var isRecorded = await session.Use(Record)
                    .Add(runId.Value).Add(attempt.Number).Add(status.ToWire()).Add(dueAt).Add(attempt.StartedAt + attempt.Duration)
                    .Add(attempt.StartedAt).Add((long)attempt.Duration.TotalMicroseconds).Add(attempt.StatusCode).Add(attempt.Error)
                    .Add(attempt.Number - AttemptsMax)
                    .ExecuteAsync() == 1;
                return isRecorded
                    || await IsAsync(session.Use(HasAttempt).Add(runId.Value).Add(attempt.Number).Add(attempt.StartedAt));
            },
            cancellationToken);

    public Task<bool> ResendAsync(Actor actor, RunId runId, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            if (!await WebhookSearch.IsSeenAsync(session, actor, runId))
            {
                return false;
            }

            await session.Use(Resend).Add(runId.Value).Add(actor.Id).Add(now).ExecuteAsync();
            return true;
        },
        cancellationToken);

    public Task<(WebhookRecord Webhook, IReadOnlyList<WebhookAttempt> Attempts)?> FindAsync(
        Actor actor, RunId runId, CancellationToken cancellationToken) => database.ReadSnapshotAsync(
        async session =>
            await WebhookSearch.IsSeenAsync(session, actor, runId)
            && await session.Use(FindWebhook).Add(runId.Value).Add(actor.Id).FirstAsync(ReadWithPayload) is { } webhook
            ? (webhook, await session.Use(ListAttempts).Add(runId.Value).ListAsync(row => WebhookRows.ReadAttempt(row, 0)))
            : ((WebhookRecord, IReadOnlyList<WebhookAttempt>)?)null,
        cancellationToken);

    public async Task<LazyPage<WebhookRecord>> OpenSearchAsync(Actor actor, WebhookQuery query, CancellationToken cancellationToken)
    {
        var found = await database.SearchAsync(session => WebhookSearch.SearchAsync(session, actor, query), cancellationToken);
        return WebhookSearch.PageOf(database, actor, query, found);
    }

    public async Task<int> DeleteEndedAsync(DateTimeOffset cutoff, long bytesMax, CancellationToken cancellationToken)
    {
        // Those before the cutoff are removed in any case.
        var bytes = await database.ReadAsync(
            session => session.Use(SumEnded).Add(cutoff).FirstAsync(row => row.Integer(0)), cancellationToken);
        var deleted = 0;
        while (true)
        {
            // A few at a time, so that transactions are short.
            var ended = await database.ReadAsync(
                session => session.Use(ListEnded).Add(DeletesAtOnce)
                    .ListAsync(row => (Key: row.Integer(0), EndedAt: row.Time(1), Bytes: row.Integer(2))),
                cancellationToken);
            var removed = ended.TakeWhile(webhook =>
            {
                if (webhook.EndedAt < cutoff)
                {
                    return true;
                }

                var isTooMuch = bytes > bytesMax;
                bytes -= isTooMuch ? webhook.Bytes : 0;
                return isTooMuch;
            }).ToList();
            if (removed.Count > 0)
            {
                deleted += await database.WriteAsync(
                    session => session.Use(Delete)
                        .Add(removed.ConvertAll(webhook => webhook.Key).ToArray()).Add(removed[^1].EndedAt).ExecuteAsync(),
                    cancellationToken);
            }

            if (removed.Count < DeletesAtOnce)
            {
                return deleted;
            }
        }
    }

    private static async Task<bool> IsAsync(Statement found) => await found.FirstAsync(row => row.Integer(0)) == 1;

    private static WebhookRecord ReadWithPayload(Row row) => WebhookRows.Read(row) with { Payload = row.Bytes(WebhookRows.ColumnCount) };
}
