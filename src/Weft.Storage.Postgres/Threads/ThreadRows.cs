using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Statements on the rows of threads that several stores use.</summary>
internal static class ThreadRows
{
    /// <summary>The columns of a thread, of the tables <c>threads</c> and <c>standing</c>.</summary>
    public const string Columns = """
        threads.thread_id, threads.owner, standing.status, threads.metadata, threads.config, standing.interrupts, standing.error,
        threads.created_at, standing.updated_at, standing.state_updated_at, threads.ttl, threads.ttl_strategy, threads.expires_at,
        standing.graph_config, standing.version, standing.begun, standing.preview, standing.home
        """;

    /// <summary>The number of <see cref="Columns"/>.</summary>
    public const int ColumnCount = 18;

    /// <summary>Joins the standing of a thread.</summary>
    public const string WithStanding = """
        JOIN LATERAL (
            SELECT * FROM weft.thread_standings WHERE thread_standings.thread_key = threads.thread_key LIMIT 1) AS standing ON true
        """;

    /// <summary>Reads threads, of the table <c>threads</c>. It ends before <c>WHERE</c>.</summary>
    public const string Select = $"SELECT {Columns} FROM weft.threads {WithStanding}";

    /// <summary>The key of the thread whose id is the first parameter.</summary>
    public const string Key = "(SELECT thread_key FROM weft.threads WHERE thread_id = $1)";

    private const string UpdateOutcome = """
        UPDATE weft.thread_standings
        SET status = $2, interrupts = $3, error = $4, updated_at = $5,
            state_updated_at = CASE WHEN $6 THEN $5 ELSE state_updated_at END, version = version + 1,
            preview = coalesce($7, preview)
        WHERE thread_key = $1
        """;

    private const string AddToVersion = "UPDATE weft.thread_standings SET version = version + 1 WHERE thread_key = $1";

    private const string FindOf = "SELECT metadata FROM weft.threads WHERE thread_id = $1 AND owner = $2";

    private const string FindKey = "SELECT thread_key FROM weft.threads WHERE thread_id = $1 AND ($2::text IS NULL OR owner = $2)";

    // A run can be neither added nor started until the commit, because both lock this row too.
    private const string LockStanding = "SELECT version FROM weft.thread_standings WHERE thread_key = $1 FOR UPDATE";

    private const string IsBusy = """
        SELECT
            (SELECT true FROM weft.runs WHERE thread_key = $1 AND status = 'pending' LIMIT 1) IS NOT NULL
            OR (SELECT true FROM weft.runs WHERE thread_key = $1 AND status = 'running' LIMIT 1) IS NOT NULL
        """;

    public static ThreadRecord Read(Row row) => Read(row, column: 0);

    /// <summary>Reads a thread whose <see cref="Columns"/> begin at a column.</summary>
    public static ThreadRecord Read(Row row, int column) => new()
    {
        ThreadId = new ThreadId(row.Text(column)),
        Owner = row.Text(column + 1),
        Status = ColumnEnums.ThreadStatus(row.Text(column + 2)),
        Metadata = row.Text(column + 3),
        Config = row.Text(column + 4),
        Interrupts = row.Text(column + 5),
        Error = row.TextOrNull(column + 6),
        CreatedAt = row.Time(column + 7),
        UpdatedAt = row.Time(column + 8),
        StateUpdatedAt = row.TimeOrNull(column + 9),
        Ttl = row.IsNull(column + 10)
            ? null
            : new ThreadTtl(TimeSpan.FromMicroseconds(row.Integer(column + 10)), ColumnEnums.PruneStrategy(row.Text(column + 11))),
        ExpiresAt = row.TimeOrNull(column + 12),
        GraphConfig = row.TextOrNull(column + 13),
        Version = row.Integer(column + 14),
        RunsStarted = row.Integer(column + 15),
        Preview = row.TextOrNull(column + 16),
        Home = row.IsNull(column + 17) ? null : (int)row.Integer(column + 17),
    };

    /// <summary>Whether the actor has the thread and sees it.</summary>
    public static async Task<bool> IsSeenAsync(Session session, ThreadId threadId, Actor actor) =>
        await session.Use(FindOf).Add(threadId.Value).Add(actor.Id).FirstAsync(row => row.Text(0)) is { } metadata
        && actor.SeesThread(metadata);

    /// <summary>
    /// Checks that a thread exists and is not busy. If an actor is given, the thread must be that actor's. If a version
    /// is given, the thread must have it. The result holds until the commit.
    /// </summary>
    public static async Task<(WriteResult Result, long ThreadKey)> CheckAsync(
        Session session, ThreadId threadId, Actor? actor, long? version)
    {
        var key = await session.Use(FindKey).Add(threadId.Value).Add(actor?.Id).FirstAsync<long?>(row => row.Integer(0));
        if (key is not { } threadKey
            || await session.Use(LockStanding).Add(threadKey).FirstAsync<long?>(row => row.Integer(0)) is not { } stored)
        {
            return (WriteResult.Missing, 0);
        }

        if (await session.Use(IsBusy).Add(threadKey).FirstAsync(row => row.Boolean(0)))
        {
            return (WriteResult.Busy, threadKey);
        }

        return (version is { } given && given != stored ? WriteResult.Changed : WriteResult.Applied, threadKey);
    }

    /// <summary>Increments the version of the thread, and sets its outcome if one is given.</summary>
    public static Task ChangeAsync(Session session, long threadKey, ThreadOutcome? outcome, DateTimeOffset now) => outcome is null
        ? session.Use(AddToVersion).Add(threadKey).ExecuteAsync()
        : session.Use(UpdateOutcome)
            .Add(threadKey).Add(outcome.Status.ToWire()).Add(outcome.Interrupts).Add(outcome.Error).Add(now).Add(outcome.StateChanged)
            .Add(outcome.Preview)
            .ExecuteAsync();
}
