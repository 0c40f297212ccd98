using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Keeps the homes of threads.</summary>
internal sealed class PostgresThreadHomeStore(PostgresDatabase database) : IThreadHomeStore
{
    private const string FindHome = $"SELECT home FROM weft.thread_standings WHERE thread_key = {ThreadRows.Key}";

    private const string Lock = $"{FindHome} FOR UPDATE";

    private const string Claim = $"""
        UPDATE weft.thread_standings AS standing SET home = $2, held = $3 OR (held AND home IS NOT DISTINCT FROM $2)
        WHERE thread_key = {ThreadRows.Key} AND (home = $2 OR {ThreadHomeRows.HasNone})
        """;

    private const string Offer =
        $"UPDATE weft.thread_standings AS standing SET held = false WHERE thread_key = ANY ($1) AND {ThreadHomeRows.HasNoRuns}";

    // The giver holds the thread again if it has given up waiting.
    private const string Take = $"""
        UPDATE weft.thread_standings AS standing SET home = $2, held = true
        WHERE thread_key = {ThreadRows.Key}
          AND (home = $2 OR {ThreadHomeRows.HasNone} OR (home = $3 AND NOT held AND {ThreadHomeRows.HasNoRuns}))
        """;

    private const string LockOwn = """
        SELECT standing.thread_key
        FROM unnest($1::text[]) AS given (thread_id)
        CROSS JOIN LATERAL (SELECT thread_key FROM weft.threads WHERE threads.thread_id = given.thread_id LIMIT 1) AS thread
        CROSS JOIN LATERAL (
            SELECT thread_key, home FROM weft.thread_standings
            WHERE thread_standings.thread_key = thread.thread_key FOR UPDATE) AS standing
        WHERE standing.home = $2
        """;

    private const string Release = $"""
        UPDATE weft.thread_standings AS standing SET held = false, home = CASE WHEN {ThreadHomeRows.HasNoRuns} THEN NULL ELSE home END
        WHERE thread_key = ANY ($1)
        """;

    private const string GiveUp = "UPDATE weft.thread_standings SET held = false, home = NULL WHERE thread_key = ANY ($1)";

    private const string GiveTo = "UPDATE weft.thread_standings SET held = false, home = $2 WHERE thread_key = ANY ($1)";

    private const string Unfinished = """
        (
            SELECT thread_key FROM weft.runs WHERE status = 'pending'
            UNION
            SELECT thread_key FROM weft.runs WHERE status = 'running') AS unfinished
        """;

    private const string LockLeft = $"""
        SELECT standing.thread_key
        FROM {Unfinished}
        CROSS JOIN LATERAL (
            SELECT thread_key FROM weft.thread_standings AS standing
            WHERE standing.thread_key = unfinished.thread_key AND {ThreadHomeRows.HasNone}
            FOR UPDATE SKIP LOCKED) AS standing
        LIMIT $1
        """;

    private const string ClaimLeft = $"""
        WITH claimed AS (
            UPDATE weft.thread_standings AS standing SET home = $2, held = false
            WHERE thread_key = ANY ($1) AND {ThreadHomeRows.HasNone} AND NOT ({ThreadHomeRows.HasNoRuns})
            RETURNING thread_key)
        SELECT thread_id FROM claimed
        CROSS JOIN LATERAL (SELECT thread_id FROM weft.threads WHERE threads.thread_key = claimed.thread_key LIMIT 1) AS thread
        ORDER BY thread_id
        """;

    private const string ListOwn = $"""
        SELECT thread_id
        FROM {Unfinished}
        CROSS JOIN LATERAL (
            SELECT home FROM weft.thread_standings WHERE thread_standings.thread_key = unfinished.thread_key LIMIT 1) AS standing
        CROSS JOIN LATERAL (SELECT thread_id FROM weft.threads WHERE threads.thread_key = unfinished.thread_key LIMIT 1) AS thread
        WHERE standing.home = $1 AND ($2::text IS NULL OR thread_id > $2)
        ORDER BY thread_id LIMIT $3
        """;

    public Task<int?> FindAsync(ThreadId threadId, CancellationToken cancellationToken) => database.ReadAsync(
        session => FirstAsync(session.Use(FindHome).Add(threadId.Value)), cancellationToken);

    public Task<int?> ClaimAsync(ThreadId threadId, bool holds, CancellationToken cancellationToken) => database.WriteAsync(
        threadId,
        async session =>
        {
            // Two statements, because the second must see the servers that have joined while the first waited for the lock.
            var (own, home) = (OwnOf(session), await FirstAsync(session.Use(Lock).Add(threadId.Value)));
            return (home == own && !holds)
                || await session.Use(Claim).Add(threadId.Value).Add(own).Add(holds).ExecuteAsync() == 1
                ? own
                : home;
        },
        cancellationToken);

    public Task OfferAsync(ThreadId threadId, CancellationToken cancellationToken) =>
        ChangeOwnAsync([threadId], static (session, own) => session.Use(Offer).Add(own), cancellationToken);

    public Task<int?> TakeAsync(ThreadId threadId, int giver, CancellationToken cancellationToken) => database.WriteAsync(
        threadId,
        async session =>
        {
            // Two statements, because the second must see the runs that were added while the first waited for the lock, too.
            var (own, home) = (OwnOf(session), await FirstAsync(session.Use(Lock).Add(threadId.Value)));
            return await session.Use(Take).Add(threadId.Value).Add(own).Add(giver).ExecuteAsync() == 1 ? own : home;
        },
        cancellationToken);

    public Task LetGoAsync(IReadOnlyList<ThreadId> threadIds, CancellationToken cancellationToken) =>
        ChangeOwnAsync(threadIds, static (session, own) => session.Use(Release).Add(own), cancellationToken);

    public Task GiveUpAsync(IReadOnlyList<ThreadId> threadIds, CancellationToken cancellationToken) =>
        ChangeOwnAsync(threadIds, static (session, own) => session.Use(GiveUp).Add(own), cancellationToken);

    public Task GiveToAsync(ThreadId threadId, int server, CancellationToken cancellationToken) =>
        ChangeOwnAsync([threadId], (session, own) => session.Use(GiveTo).Add(own).Add(server), cancellationToken);

    public Task<IReadOnlyList<ThreadId>> ClaimLeftAsync(int limit, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<ThreadId>>(
            async session =>
            {
                var left = await session.Use(LockLeft).Add(limit).ListAsync(static row => row.Integer(0));
                return left.Count == 0 ? [] : await session.Use(ClaimLeft).Add(left.ToArray()).Add(OwnOf(session)).ListAsync(IdOf);
            },
            cancellationToken);

    public Task<IReadOnlyList<ThreadId>> ListOwnAsync(ThreadId? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ThreadId>>(
            async session => await session.Use(ListOwn).AddServer().Add(after?.Value).Add(limit).ListAsync(IdOf), cancellationToken);

    private Task<int> ChangeOwnAsync(
        IReadOnlyList<ThreadId> threadIds, Func<Session, long[], Statement> change, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async session =>
            {
                // In the order of all writes of many threads. The second statement sees the runs that were added before the locks.
                var ids = threadIds.Select(static id => id.Value).Order(StringComparer.Ordinal).ToArray();
                var own = await session.Use(LockOwn).Add(ids).AddServer().ListAsync(static row => row.Integer(0));
                return own.Count == 0 ? 0 : await change(session, [.. own]).ExecuteAsync();
            },
            cancellationToken);

    private static int OwnOf(Session session) =>
        session.Server ?? throw new InvalidOperationException("This server has not joined a cluster.");

    private static Task<int?> FirstAsync(Statement statement) =>
        statement.FirstAsync(static row => row.IsNull(0) ? (int?)null : (int)row.Integer(0));

    private static ThreadId IdOf(Row row) => new(row.Text(0));
}
