using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps deliveries of webhooks.</summary>
internal sealed class SqliteWebhookStore(SqliteDatabase database) : IWebhookStore
{
    private const int AttemptsMax = 100;
    private const int DeletesAtOnce = 100;

    // Steps from receiver to receiver in the index, however many deliveries each has.
    private const string ListReceivers = """
        WITH RECURSIVE receivers (receiver) AS (
            SELECT min(receiver) FROM webhooks WHERE due_at IS NOT NULL
            UNION ALL
            SELECT (SELECT min(next.receiver) FROM webhooks AS next WHERE next.due_at IS NOT NULL AND next.receiver > receivers.receiver)
            FROM receivers WHERE receivers.receiver IS NOT NULL)
        SELECT receiver, (SELECT min(due_at) FROM webhooks WHERE due_at IS NOT NULL AND webhooks.receiver = receivers.receiver)
        FROM receivers WHERE receiver IS NOT NULL
        """;

    private const string ListDue = """
        SELECT webhooks.webhook_key FROM webhooks WHERE receiver = ?1 AND due_at <= ?2 ORDER BY due_at LIMIT ?3
        """;

    private const string Claim = "UPDATE webhooks SET attempts = attempts + 1, claimed = 1, due_at = ?2 WHERE webhook_key = ?1";

    private const string ReadClaimed =
        $"SELECT {WebhookRows.Columns}, payload FROM {WebhookRows.Tables} WHERE webhooks.webhook_key = ?1";

    private const string SetResult = """
        UPDATE webhooks
        SET status = ?3, due_at = ?4, claimed = 0, ended_at = CASE WHEN ?4 IS NULL THEN ?5 END
        WHERE run_id = ?1 AND attempts = ?2 AND claimed
        """;

    private const string AddAttempt = """
        INSERT INTO webhook_attempts (webhook_key, attempt, started_at, duration, status_code, error)
        SELECT webhook_key, ?2, ?3, ?4, ?5, ?6 FROM webhooks WHERE run_id = ?1
        """;

    private const string DropAttempt = """
        DELETE FROM webhook_attempts WHERE webhook_key = (SELECT webhook_key FROM webhooks WHERE run_id = ?1) AND attempt <= ?2
        """;

    private const string HasAttempt = """
        SELECT 1 FROM webhook_attempts JOIN webhooks USING (webhook_key) WHERE run_id = ?1 AND attempt = ?2 AND started_at = ?3
        """;

    private const string Resend = """
        UPDATE webhooks
        SET status = 'pending', due_at = ?3, earlier_attempts = attempts, series_at = ?3, ended_at = NULL
        WHERE run_id = ?1 AND owner = ?2 AND NOT claimed
        """;

    private const string FindThread = "SELECT thread_id FROM webhooks WHERE run_id = ?1 AND owner = ?2";

    private const string FindWebhook =
        $"SELECT {WebhookRows.Columns}, payload FROM {WebhookRows.Tables} WHERE run_id = ?1 AND owner = ?2";

    private const string ListAttempts = """
        SELECT attempt, started_at, duration, webhook_attempts.status_code, error
        FROM webhook_attempts JOIN webhooks USING (webhook_key) WHERE run_id = ?1 ORDER BY attempt
        """;

    private const string After =
        "(?2 IS NULL OR webhooks.webhook_key < (SELECT webhook_key FROM webhooks WHERE run_id = ?2 AND owner = ?1))";

    private const string Search = $"""
        SELECT {WebhookRows.Columns}, webhooks.webhook_key FROM {WebhookRows.Tables}
        WHERE owner = ?1 AND {After} ORDER BY webhooks.webhook_key DESC LIMIT ?3
        """;

    private const string SearchByStatus = $"""
        SELECT {WebhookRows.Columns}, webhooks.webhook_key FROM {WebhookRows.Tables}
        WHERE owner = ?1 AND {After} AND status = ?4 ORDER BY webhooks.webhook_key DESC LIMIT ?3
        """;

    // The database may give the key of a removed delivery to another one.
    private const string FindLater = $"""
        SELECT {WebhookRows.Columns} FROM {WebhookRows.Tables} WHERE webhooks.webhook_key = ?1 AND owner = ?2 AND hex(run_id) = ?3
        """;

    private const string SumEnded = "SELECT coalesce(sum(payload_bytes), 0) FROM webhooks WHERE ended_at >= ?1";

    private const string ListEnded = """
        SELECT webhook_key, ended_at, payload_bytes FROM webhooks WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT ?1
        """;

    private const string Delete = "DELETE FROM webhooks WHERE webhook_key = ?1 AND ended_at = ?2";

    public Task<IReadOnlyList<WebhookReceiver>> ListReceiversAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<WebhookReceiver>>(
            connection => connection.Use(ListReceivers).List(row => new WebhookReceiver(row.Text(0), row.Time(1))), cancellationToken);

    public Task<IReadOnlyList<WebhookRecord>> ClaimAsync(
        IReadOnlyDictionary<string, int> counts, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<WebhookRecord>>(
            connection =>
            {
                var claimed = new List<WebhookRecord>();
                foreach (var (receiver, count) in counts)
                {
                    foreach (var key in connection.Use(ListDue).Add(receiver).Add(now).Add(count).List(row => row.Integer(0)))
                    {
                        connection.Use(Claim).Add(key).Add(until).Execute();
                        claimed.Add(connection.Use(ReadClaimed).Add(key).First(ReadWithPayload)!);
                    }
                }

                return claimed;
            },
            cancellationToken);

    public Task<bool> TryRecordAsync(
        RunId runId, WebhookAttempt attempt, WebhookStatus status, DateTimeOffset? dueAt, CancellationToken cancellationToken) =>
        database.WriteAsync(
            connection =>
            {
                if (connection.Use(SetResult)
                    .Add(runId.Value).Add(attempt.Number).Add(status.ToWire()).Add(dueAt).Add(attempt.StartedAt + attempt.Duration)
                    .Execute() == 0)
                {
                    return Is(connection.Use(HasAttempt).Add(runId.Value).Add(attempt.Number).Add(attempt.StartedAt));
                }

                connection.Use(AddAttempt)
                    .Add(runId.Value).Add(attempt.Number).Add(attempt.StartedAt).Add((long)attempt.Duration.TotalMicroseconds)
                    .Add((long?)attempt.StatusCode).Add(attempt.Error)
                    .Execute();
                connection.Use(DropAttempt).Add(runId.Value).Add(attempt.Number - AttemptsMax).Execute();
                return true;
            },
            cancellationToken);

    public Task<bool> ResendAsync(Actor actor, RunId runId, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            if (connection.Use(FindThread).Add(runId.Value).Add(actor.Id).First(row => row.Text(0)) is not { } threadId
                || !Sees(connection, actor, new ThreadId(threadId)))
            {
                return false;
            }

            connection.Use(Resend).Add(runId.Value).Add(actor.Id).Add(now).Execute();
            return true;
        },
        cancellationToken);

    public Task<(WebhookRecord Webhook, IReadOnlyList<WebhookAttempt> Attempts)?> FindAsync(
        Actor actor, RunId runId, CancellationToken cancellationToken) => database.ReadAsync(
        connection =>
        {
            // Both are read from one snapshot.
            connection.BeginRead();
            try
            {
                return connection.Use(FindWebhook).Add(runId.Value).Add(actor.Id).First(ReadWithPayload) is { } webhook
                    && Sees(connection, actor, webhook.ThreadId)
                    ? (webhook, connection.Use(ListAttempts).Add(runId.Value).List(row => WebhookRows.ReadAttempt(row, 0)))
                    : ((WebhookRecord, IReadOnlyList<WebhookAttempt>)?)null;
            }
            finally
            {
                connection.TryRollback(out _);
            }
        },
        cancellationToken);

    public async Task<LazyPage<WebhookRecord>> OpenSearchAsync(Actor actor, WebhookQuery query, CancellationToken cancellationToken)
    {
        var found = await database.ReadOrScanAsync(
            (connection, budget) =>
            {
                var search = connection.Use(query.Status is null ? Search : SearchByStatus)
                    .Add(actor.Id).Add(query.After?.Value).Add(actor.Scope is null ? query.Limit : int.MaxValue);
                var page = new PageRows<WebhookRecord>(RowSizes.Of);
                (query.Status is { } status ? search.Add(status.ToWire()) : search).ReadWhile(row =>
                {
                    budget.Spend();
                    var webhook = WebhookRows.Read(row);
                    if (Sees(connection, actor, webhook.ThreadId))
                    {
                        page.AddOrKeep(
                            webhook,
                            row.Integer(WebhookRows.ColumnCount),
                            id: Convert.ToHexString(webhook.RunId.Value.ToByteArray(bigEndian: true)));
                    }

                    return page.Count < query.Limit;
                });
                return page;
            },
            cancellationToken);
        return LazyRows.Of(
            database,
            found,
            (connection, row) => connection.Use(FindLater).Add(row.Key).Add(actor.Id).Add(row.Id).First(WebhookRows.Read) is { } webhook
                && (query.Status is null || webhook.Status == query.Status) && Sees(connection, actor, webhook.ThreadId)
                    ? webhook
                    : null);
    }

    public async Task<int> DeleteEndedAsync(DateTimeOffset cutoff, long bytesMax, CancellationToken cancellationToken)
    {
        // Those before the cutoff are removed in any case.
        var bytes = await database.ReadAsync(
            connection => connection.Use(SumEnded).Add(cutoff).First(row => row.Integer(0)), cancellationToken);
        var deleted = 0;
        while (true)
        {
            // A few at a time, so that other writes do not wait long.
            var ended = await database.ReadAsync(
                connection => connection.Use(ListEnded).Add(DeletesAtOnce)
                    .List(row => (Key: row.Integer(0), EndedAt: row.Time(1), Bytes: row.Integer(2))),
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
            deleted += await database.WriteAsync(
                connection => removed.Sum(webhook => connection.Use(Delete).Add(webhook.Key).Add(webhook.EndedAt).Execute()),
                cancellationToken);
            if (removed.Count < DeletesAtOnce)
            {
                return deleted;
            }
        }
    }

    /// <summary>A delivery is seen with its thread. A call that sees only some threads does not see those of deleted ones.</summary>
    private static bool Sees(StoreConnection connection, Actor actor, ThreadId threadId) =>
        actor.Scope is null || ThreadRows.IsSeen(connection, threadId, actor);

    private static bool Is(Statement found) => found.First(row => row.Integer(0)) == 1;

    private static WebhookRecord ReadWithPayload(Statement row) =>
        WebhookRows.Read(row) with { Payload = row.Bytes(WebhookRows.ColumnCount).ToArray() };
}
