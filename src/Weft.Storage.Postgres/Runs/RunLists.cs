using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Lists of runs. An actor sees runs with their threads.</summary>
internal static class RunLists
{
    // By key, which is the order of creation and the order of a thread's entries in the index.
    private const string ListAll = $"""
        SELECT {RunRows.Columns}
        FROM (
            SELECT * FROM weft.runs WHERE thread_key = {ThreadRows.Key} AND owner = $2 AND ($3::text IS NULL OR status = $3)
            ORDER BY run_key DESC LIMIT $4 OFFSET $5) AS runs
        {RunRows.WithInput}
        ORDER BY runs.run_key DESC
        """;

    private const string ListPending = $"""
        SELECT {RunRows.Columns}
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
        SELECT {RunRows.Columns}, thread.metadata
        FROM (
            SELECT * FROM {Unfinished}
            WHERE owner = $1 AND ($2::text IS NULL OR status = $2)
                AND ($3::bigint IS NULL OR created_at < $3 OR (created_at = $3 AND run_id < $4))
            ORDER BY created_at DESC, run_id DESC LIMIT $5) AS runs
        {RunRows.WithInput}
        ORDER BY runs.created_at DESC, runs.run_id DESC
        """;

    private const string ListUnfinishedOfThread = $"""
        SELECT {RunRows.Columns}
        FROM (
            SELECT * FROM weft.runs WHERE thread_key = {ThreadRows.Key} AND status = 'pending'
            UNION ALL
            SELECT * FROM weft.runs WHERE thread_key = {ThreadRows.Key} AND status = 'running') AS runs
        {RunRows.WithInput}
        ORDER BY runs.status = 'running' DESC, runs.run_key
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

    public static async Task<IReadOnlyList<RunRecord>> OfThreadAsync(
        Session session, Actor actor, ThreadId threadId, RunStatus? status, int limit, int offset) =>
        !await SeesAsync(session, actor, threadId) ? [] : await session.Use(ListAll)
            .Add(threadId.Value).Add(actor.Id).Add(status?.ToWire()).Add(limit).Add(offset).ListAsync(RunRows.Read);

    public static async Task<Page<RunRecord>> PendingAsync(Session session, Actor actor, ThreadId threadId, int limit, int offset)
    {
        if (!await SeesAsync(session, actor, threadId))
        {
            return new Page<RunRecord>([], 0);
        }

        var page = await session.Use(ListPending).Add(threadId.Value).Add(actor.Id).Add(limit).Add(offset).ListAsync(RunRows.Read);
        var total = await session.Use(CountPending).Add(threadId.Value).Add(actor.Id).FirstAsync(row => (int)row.Integer(0));
        return new Page<RunRecord>(page, total);
    }

    public static async Task<IReadOnlyList<RunRecord>> UnfinishedAsync(
        Session session, Actor actor, RunStatus? status, RunRecord? after, int limit)
    {
        var found = new List<RunRecord>();
        for (var last = after; ;)
        {
            var read = 0;
            await session.Use(ListUnfinished)
                .Add(actor.Id).Add(status?.ToWire()).Add(last?.CreatedAt).Add(last?.RunId.Value).Add(limit)
                .ReadWhileAsync(row =>
                {
                    read++;
                    last = RunRows.Read(row);
                    if (actor.SeesThread(row.Text(RunRows.ColumnCount)))
                    {
                        found.Add(last);
                    }

                    return found.Count < limit;
                });
            if (read < limit || found.Count == limit)
            {
                return found;
            }
        }
    }

    public static async Task<IReadOnlyList<RunRecord>> UnfinishedOfThreadAsync(Session session, ThreadId threadId) =>
        await session.Use(ListUnfinishedOfThread).Add(threadId.Value).ListAsync(RunRows.Read);

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
