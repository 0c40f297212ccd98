using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Lists of runs. An actor sees runs with their threads.</summary>
internal static class RunLists
{
    // By key, which is the order of creation and the order of a thread's entries in the index.
    private const string ListAll = $"""
        SELECT {RunRows.Columns}, runs.run_key
        FROM (
            SELECT * FROM weft.runs WHERE thread_key = {ThreadRows.Key} AND owner = $2 AND ($3::text IS NULL OR status = $3)
            ORDER BY run_key DESC LIMIT $4 OFFSET $5) AS runs
        {RunRows.WithInput}
        ORDER BY runs.run_key DESC
        """;

    private const string ListLater = $"""
        SELECT {RunRows.Columns}, chosen.place, thread.metadata
        FROM unnest($1::bigint[]) WITH ORDINALITY AS chosen (run_key, place)
        CROSS JOIN LATERAL (SELECT * FROM weft.runs AS found WHERE found.run_key = chosen.run_key LIMIT 1) AS runs
        {RunRows.WithInput}
        ORDER BY chosen.place
        """;

    private const string ListPending = $"""
        SELECT {RunRows.Columns}, runs.run_key
        FROM (
            SELECT * FROM weft.runs WHERE thread_key = {ThreadRows.Key} AND owner = $2 AND status = 'pending'
            ORDER BY run_key LIMIT $3 OFFSET $4) AS runs
        {RunRows.WithInput}
        ORDER BY runs.run_key
        """;

    private const string CountPending =
        $"SELECT count(*) FROM weft.runs WHERE thread_key = {ThreadRows.Key} AND owner = $2 AND status = 'pending'";

    // Pending and running runs have an index each, which lists those of all owners: there are few.
    private const string Unfinished = """
        (
            SELECT * FROM weft.runs WHERE status = 'pending'
            UNION ALL
            SELECT * FROM weft.runs WHERE status = 'running') AS unfinished
        """;

    private const string ListUnfinished = $"""
        SELECT thread.thread_id, runs.run_id, runs.created_at, thread.metadata
        FROM (
            SELECT * FROM {Unfinished}
            WHERE owner = $1 AND ($2::text IS NULL OR status = $2)
                AND ($3::bigint IS NULL OR created_at < $3 OR (created_at = $3 AND run_id < $4))
            ORDER BY created_at DESC, run_id DESC LIMIT $5) AS runs
        JOIN LATERAL (
            SELECT thread_id, metadata FROM weft.threads WHERE threads.thread_key = runs.thread_key LIMIT 1) AS thread ON true
        ORDER BY runs.created_at DESC, runs.run_id DESC
        """;

    private const string ListUnfinishedRuns = $"""
        SELECT run_id, status, not_before, owner
        FROM (
            SELECT * FROM weft.runs WHERE thread_key = {ThreadRows.Key} AND status = 'pending'
            UNION ALL
            SELECT * FROM weft.runs WHERE thread_key = {ThreadRows.Key} AND status = 'running') AS runs
        ORDER BY status = 'running' DESC, run_key
        """;

    private const string ListUnfinishedThreads = $"""
        SELECT thread.thread_id, waiting.since
        FROM (SELECT thread_key, min(created_at) AS since FROM {Unfinished} GROUP BY thread_key) AS waiting
        JOIN LATERAL (SELECT thread_id FROM weft.threads WHERE threads.thread_key = waiting.thread_key LIMIT 1) AS thread ON true
        WHERE $1::bigint IS NULL OR (since, thread_id) > ($1, $2)
        ORDER BY since, thread_id LIMIT $3
        """;

    private const string ListUsage = $"""
        SELECT usage FROM weft.runs
        WHERE thread_key = {ThreadRows.Key} AND owner = $2 AND usage IS NOT NULL
        """;

    public static async Task<PageRows<RunRecord>> OfThreadAsync(
        Session session, Actor actor, ThreadId threadId, RunStatus? status, int limit, int offset)
    {
        var page = new PageRows<RunRecord>(RowSizes.Of);
        return !await SeesAsync(session, actor, threadId) ? page : await page.AddAsync(
            session.Use(ListAll).Add(threadId.Value).Add(actor.Id).Add(status?.ToWire()).Add(limit).Add(offset),
            RunRows.Read,
            RunRows.ColumnCount);
    }

    public static async Task<PageRows<RunRecord>> PendingAsync(Session session, Actor actor, ThreadId threadId, int limit, int offset)
    {
        var page = new PageRows<RunRecord>(RowSizes.Of);
        if (!await SeesAsync(session, actor, threadId))
        {
            return page;
        }

        await page.AddAsync(
            session.Use(ListPending).Add(threadId.Value).Add(actor.Id).Add(limit).Add(offset), RunRows.Read, RunRows.ColumnCount);
        return page.WithTotal(
            await session.Use(CountPending).Add(threadId.Value).Add(actor.Id).FirstAsync(row => (int)row.Integer(0)));
    }

    /// <summary>Returns a page of an actor's runs. Those that are read later must still match.</summary>
    public static LazyPage<RunRecord> PageOf(
        PostgresDatabase database, Actor actor, PageRows<RunRecord> found, Func<RunRecord, bool> matches) => LazyRows.Of(
        database,
        found,
        ListLater,
        RunRows.ColumnCount,
        row => actor.SeesThread(row.Text(RunRows.ColumnCount + 1)) && RunRows.Read(row) is var run && matches(run) ? run : null);

    public static async Task<IReadOnlyList<RunPlace>> UnfinishedAsync(
        Session session, Actor actor, RunStatus? status, RunPlace? after, int limit)
    {
        var found = new List<RunPlace>();
        for (var last = after; ;)
        {
            var read = 0;
            await session.Use(ListUnfinished)
                .Add(actor.Id).Add(status?.ToWire()).Add(last?.CreatedAt).Add(last?.RunId.Value).Add(limit)
                .ReadWhileAsync(row =>
                {
                    read++;
                    var run = new RunPlace(new ThreadId(row.Text(0)), new RunId(row.Guid(1)), row.Time(2));
                    last = run;
                    if (actor.SeesThread(row.Text(3)))
                    {
                        found.Add(run);
                    }

                    return found.Count < limit;
                });
            if (read < limit || found.Count == limit)
            {
                return found;
            }
        }
    }

    public static async Task<IReadOnlyList<UnfinishedRun>> UnfinishedRunsAsync(Session session, ThreadId threadId) =>
        await session.Use(ListUnfinishedRuns).Add(threadId.Value)
            .ListAsync(row =>
                new UnfinishedRun(new RunId(row.Guid(0)), row.Text(3), ColumnEnums.RunStatus(row.Text(1)), row.TimeOrNull(2)));

    public static async Task<IReadOnlyList<UnfinishedThread>> UnfinishedThreadsAsync(Session session, UnfinishedThread? after, int limit) =>
        await session.Use(ListUnfinishedThreads)
            .Add(after?.Since).Add(after?.ThreadId.Value).Add(limit)
            .ListAsync(row => new UnfinishedThread(new ThreadId(row.Text(0)), row.Time(1)));

    /// <summary>Sums the usage of a thread's runs. Sums that are too large become the greatest number.</summary>
    public static async Task<ThreadUsage> SumUsageAsync(Session session, Actor actor, ThreadId threadId)
    {
        var sum = new ThreadUsage(0, UsageByModel.None);
        await session.Use(ListUsage).Add(threadId.Value).Add(actor.Id).ReadWhileAsync(row =>
        {
            sum = new ThreadUsage(sum.Runs + 1, sum.Usage.Plus(RunRows.UsageOf(row, 0)!));
            return true;
        });
        return sum;
    }

    private static async Task<bool> SeesAsync(Session session, Actor actor, ThreadId threadId) =>
        actor.Scope is null || await ThreadRows.IsSeenAsync(session, threadId, actor);
}
