using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Searches deliveries of webhooks, newest first. Whether a delivery is seen depends on its thread.</summary>
internal static class WebhookSearch
{
    // Rows that are read at once for an actor who may not see them all.
    private const int RowsAtOnce = 200;

    private const string FindAfter = $"SELECT webhook_key FROM weft.webhooks AS webhooks WHERE {WebhookRows.IsOf}";

    private const string ThreadMetadata = """
        (SELECT threads.metadata FROM weft.threads AS threads
         WHERE threads.thread_id = webhooks.thread_id AND threads.owner = webhooks.owner LIMIT 1)
        """;

    private const string FindThread = $"SELECT {ThreadMetadata} FROM weft.webhooks AS webhooks WHERE {WebhookRows.IsOf}";

    private const string Page = $"""
        SELECT {WebhookRows.Columns}, webhooks.webhook_key FROM {WebhookRows.Tables}
        WHERE owner = $1 AND webhooks.webhook_key < $2 ORDER BY webhooks.webhook_key DESC LIMIT $3
        """;

    private const string PageByStatus = $"""
        SELECT {WebhookRows.Columns}, webhooks.webhook_key FROM {WebhookRows.Tables}
        WHERE owner = $1 AND webhooks.webhook_key < $2 AND status = $4 ORDER BY webhooks.webhook_key DESC LIMIT $3
        """;

    private const string PageOfScope = $"""
        SELECT {WebhookRows.Columns}, webhooks.webhook_key, {ThreadMetadata} FROM {WebhookRows.Tables}
        WHERE owner = $1 AND webhooks.webhook_key < $2 AND ($4::text IS NULL OR status = $4)
        ORDER BY webhooks.webhook_key DESC LIMIT $3
        """;

    private const string ListLater = $"""
        SELECT {WebhookRows.Columns}, chosen.place, {ThreadMetadata}
        FROM unnest($1::bigint[]) WITH ORDINALITY AS chosen (chosen_key, place)
        CROSS JOIN LATERAL (
            SELECT * FROM weft.webhooks AS found WHERE found.webhook_key = chosen.chosen_key LIMIT 1) AS webhooks
        {WebhookRows.LastAttempts}
        ORDER BY chosen.place
        """;

    /// <summary>
    /// Whether the actor has a delivery of the run and sees it. A call that sees only some threads does not see deliveries of deleted
    /// threads.
    /// </summary>
    public static async Task<bool> IsSeenAsync(Session session, Actor actor, RunId runId)
    {
        var found = await session.Use(FindThread).Add(runId.Value).Add(actor.Id)
            .FirstAsync(row => ((bool HasRow, string? Metadata))(true, row.TextOrNull(0)));
        return found.HasRow && (actor.Scope is null || (found.Metadata is { } metadata && actor.SeesThread(metadata)));
    }

    /// <summary>Returns a page of the actor's deliveries, which the session reads from one snapshot.</summary>
    public static async Task<PageRows<WebhookRecord>> SearchAsync(Session session, Actor actor, WebhookQuery query)
    {
        var before = long.MaxValue;
        if (query.After is { } after)
        {
            before = await session.Use(FindAfter).Add(after.Value).Add(actor.Id).FirstAsync(row => row.Integer(0));
        }

        var page = new PageRows<WebhookRecord>(RowSizes.Of);
        if (actor.Scope is null)
        {
            return await page.AddAsync(
                Use(session, query.Status is null ? Page : PageByStatus, actor, before, query.Limit, query.Status),
                WebhookRows.Read,
                WebhookRows.ColumnCount);
        }

        for (var received = RowsAtOnce; page.Count < query.Limit && received == RowsAtOnce;)
        {
            session.CancellationToken.ThrowIfCancellationRequested();
            received = 0;
            await session.Use(PageOfScope).Add(actor.Id).Add(before).Add(RowsAtOnce).Add(query.Status?.ToWire()).ReadWhileAsync(row =>
            {
                received++;
                before = row.Integer(WebhookRows.ColumnCount);
                if (IsSeen(row, actor))
                {
                    page.Add(row, WebhookRows.Read, WebhookRows.ColumnCount);
                }

                return page.Count < query.Limit;
            });
        }

        return page;
    }

    /// <summary>Returns a page of an actor's deliveries. Those that are read later must still match.</summary>
    public static LazyPage<WebhookRecord> PageOf(
        PostgresDatabase database, Actor actor, WebhookQuery query, PageRows<WebhookRecord> found) => LazyRows.Of(
        database,
        found,
        ListLater,
        WebhookRows.ColumnCount,
        row => WebhookRows.Read(row) is var webhook && webhook.Owner == actor.Id
            && (query.Status is null || webhook.Status == query.Status)
            && (actor.Scope is null || IsSeen(row, actor))
                ? webhook
                : null);

    /// <summary>Whether the actor sees the delivery of a row with the metadata of its thread, null if the thread is deleted.</summary>
    private static bool IsSeen(Row row, Actor actor) =>
        row.TextOrNull(WebhookRows.ColumnCount + 1) is { } metadata && actor.SeesThread(metadata);

    private static Statement Use(Session session, string sql, Actor actor, long before, int limit, WebhookStatus? status)
    {
        var statement = session.Use(sql).Add(actor.Id).Add(before).Add(limit);
        return status is { } given ? statement.Add(given.ToWire()) : statement;
    }
}
