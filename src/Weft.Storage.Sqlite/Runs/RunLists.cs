using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Lists of runs. An actor sees runs with their threads.</summary>
internal static class RunLists
{
    // By key, which is the order of creation and the order of a thread's entries in the index.
    private const string ListAll = $"""
        SELECT {RunRows.Columns} FROM runs
        WHERE thread_key = {ThreadRows.Key} AND +owner = ?2 AND (?3 IS NULL OR status = ?3)
        ORDER BY run_key DESC LIMIT ?4 OFFSET ?5
        """;

    private const string ListAllKeys = $"""
        SELECT run_key, hex(run_id) FROM runs
        WHERE thread_key = {ThreadRows.Key} AND +owner = ?2 AND (?3 IS NULL OR status = ?3)
        ORDER BY run_key DESC LIMIT ?4 OFFSET ?5
        """;

    private const string ListPendingKeys = $"""
        SELECT run_key, hex(run_id) FROM runs
        WHERE thread_key = {ThreadRows.Key} AND +owner = ?2 AND status = 'pending'
        ORDER BY run_key LIMIT ?3 OFFSET ?4
        """;

    private const string FindLater = $"SELECT {RunRows.Columns} FROM runs WHERE run_key = ?1 AND owner = ?2 AND hex(run_id) = ?3";

    private const string ListPending = $"""
        SELECT {RunRows.Columns} FROM runs
        WHERE thread_key = {ThreadRows.Key} AND +owner = ?2 AND status = 'pending'
        ORDER BY run_key LIMIT ?3 OFFSET ?4
        """;

    private const string CountPending =
        $"SELECT count(*) FROM runs WHERE thread_key = {ThreadRows.Key} AND +owner = ?2 AND status = 'pending'";

    // Pending and running runs have an index each, so that a run that starts at once is only in one of them.
    private const string ListUnfinished = """
        SELECT (SELECT thread_id FROM threads WHERE threads.thread_key = runs.thread_key), run_id, created_at FROM runs
        WHERE run_key IN (SELECT run_key FROM runs WHERE status = 'pending' UNION ALL SELECT run_key FROM runs WHERE status = 'running')
          AND +owner = ?1 AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR (created_at, run_id) < (?3, ?4))
        ORDER BY created_at DESC, run_id DESC LIMIT ?5
        """;

    private const string ListUnfinishedRuns = $"""
        SELECT run_id, status, not_before, owner FROM runs
        WHERE thread_key = {ThreadRows.Key} AND run_key IN (
            SELECT run_key FROM runs WHERE status = 'pending' AND thread_key = {ThreadRows.Key}
            UNION ALL SELECT run_key FROM runs WHERE status = 'running' AND thread_key = {ThreadRows.Key})
        ORDER BY status = 'running' DESC, run_key
        """;

    private const string ListUnfinishedThreads = """
        SELECT thread_id, since
        FROM (
            SELECT thread_key, min(created_at) AS since
            FROM (
                SELECT thread_key, created_at FROM runs WHERE status = 'pending'
                UNION ALL SELECT thread_key, created_at FROM runs WHERE status = 'running')
            GROUP BY thread_key)
        JOIN threads USING (thread_key)
        WHERE ?1 IS NULL OR (since, thread_id) > (?1, ?2)
        ORDER BY since, thread_id LIMIT ?3
        """;

    /// <summary>Whether the actor sees a run that it owns.</summary>
    public static bool Sees(StoreConnection connection, Actor actor, RunRecord run) => Sees(connection, actor, run.ThreadId);

    public static PageRows<RunRecord> OfThread(
        StoreConnection connection, Actor actor, ThreadId threadId, RunStatus? status, int limit, int offset)
    {
        var page = new PageRows<RunRecord>(RowSizes.Of);
        Statement Use(string sql) => connection.Use(sql)
            .Add(threadId.Value).Add(actor.Id).Add(status?.ToWire()).Add(limit - page.Count).Add(offset + page.Count);

        if (Sees(connection, actor, threadId))
        {
            page.Add(Use(ListAll), RunRows.Read, () => Use(ListAllKeys));
        }

        return page;
    }

    /// <summary>Finds a run of a page that is read later. Returns null if it does not match any more.</summary>
    public static RunRecord? Find(StoreConnection connection, Actor actor, Func<RunRecord, bool> matches, RowKey key) =>
        connection.Use(FindLater).Add(key.Key).Add(actor.Id).Add(key.Id).First(RunRows.Read) is { } run
        && matches(run) && Sees(connection, actor, run)
            ? run
            : null;

    public static PageRows<RunRecord> Pending(StoreConnection connection, Actor actor, ThreadId threadId, int limit, int offset)
    {
        var page = new PageRows<RunRecord>(RowSizes.Of);
        Statement Use(string sql) => connection.Use(sql)
            .Add(threadId.Value).Add(actor.Id).Add(limit - page.Count).Add(offset + page.Count);

        // All is read from one snapshot.
        connection.BeginRead();
        try
        {
            if (!Sees(connection, actor, threadId))
            {
                return page;
            }

            page.Add(Use(ListPending), RunRows.Read, () => Use(ListPendingKeys));
            return page.WithTotal(connection.Use(CountPending).Add(threadId.Value).Add(actor.Id).First(row => (int)row.Integer(0)));
        }
        finally
        {
            connection.TryRollback(out _);
        }
    }

    public static IReadOnlyList<RunPlace> Unfinished(
        StoreConnection connection, Actor actor, RunStatus? status, RunPlace? after, int limit)
    {
        var found = new List<RunPlace>();
        connection.Use(ListUnfinished)
            .Add(actor.Id).Add(status?.ToWire()).Add(after?.CreatedAt).Add(after?.RunId.Value)
            .Add(actor.Scope is null ? limit : int.MaxValue)
            .ReadWhile(row =>
            {
                var run = new RunPlace(new ThreadId(row.Text(0)), new RunId(row.Guid(1)), row.Time(2));
                if (Sees(connection, actor, run.ThreadId))
                {
                    found.Add(run);
                }

                return found.Count < limit;
            });
        return found;
    }

    public static IReadOnlyList<UnfinishedRun> UnfinishedRuns(StoreConnection connection, ThreadId threadId) =>
        connection.Use(ListUnfinishedRuns).Add(threadId.Value)
            .List(row => new UnfinishedRun(new RunId(row.Guid(0)), row.Text(3), ColumnEnums.RunStatus(row.Bytes(1)), row.TimeOrNull(2)));

    public static IReadOnlyList<UnfinishedThread> UnfinishedThreads(StoreConnection connection, UnfinishedThread? after, int limit) =>
        connection.Use(ListUnfinishedThreads)
            .Add(after?.Since).Add(after?.ThreadId.Value).Add(limit)
            .List(row => new UnfinishedThread(new ThreadId(row.Text(0)), row.Time(1)));

    private static bool Sees(StoreConnection connection, Actor actor, ThreadId threadId) =>
        actor.Scope is null || ThreadRows.IsSeen(connection, threadId, actor);
}
