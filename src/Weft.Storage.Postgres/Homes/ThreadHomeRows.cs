namespace Weft.Storage.Postgres;

/// <summary>Statements on the homes of threads that several stores use.</summary>
internal static class ThreadHomeRows
{
    /// <summary>
    /// Whether a row <c>standing</c> has no home, or one that is gone: its server is dead (6), or has no row. The home must be
    /// locked by a statement before, because this one must know the servers that have joined until then.
    /// </summary>
    public const string HasNone = """
        (SELECT true FROM weft.servers WHERE servers.server_key = standing.home AND servers.status <> 6 LIMIT 1) IS NULL
        """;

    /// <summary>Whether the thread of a row <c>standing</c> has no unfinished run.</summary>
    public const string HasNoRuns = """
        (SELECT true FROM weft.runs WHERE runs.thread_key = standing.thread_key AND runs.status = 'pending' LIMIT 1) IS NULL
        AND (SELECT true FROM weft.runs WHERE runs.thread_key = standing.thread_key AND runs.status = 'running' LIMIT 1) IS NULL
        """;

    private const string LockElsewhere = """
        SELECT 1
        FROM (SELECT home FROM weft.thread_standings WHERE thread_key = $1 FOR UPDATE) AS standing
        WHERE home IS NOT NULL AND home IS DISTINCT FROM $2
        """;

    private const string Leave =
        $"UPDATE weft.thread_standings AS standing SET home = NULL WHERE thread_key = $1 AND home = $2 AND NOT held AND {HasNoRuns}";

    /// <summary>
    /// Whether another server is the home of a thread. That does not change until the commit. A server that is alone is not asked.
    /// </summary>
    public static async Task<bool> IsElsewhereAsync(Session session, long threadKey) => session.Server is not null
        && await session.Use(LockElsewhere).Add(threadKey).AddServer().FirstAsync(row => row.Integer(0)) == 1;

    /// <summary>
    /// Removes the home of a thread, whose standing the transaction has locked, if it is this server, and the thread neither is held nor
    /// has unfinished runs.
    /// </summary>
    public static Task LeaveAsync(Session session, long threadKey) => session.Server is null
        ? Task.CompletedTask
        : session.Use(Leave).Add(threadKey).AddServer().ExecuteAsync();
}
