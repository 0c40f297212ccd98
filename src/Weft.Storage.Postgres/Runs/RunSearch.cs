using Weft.Runs;
using static Weft.Storage.RunCandidate;

namespace Weft.Storage.Postgres;

/// <summary>
/// Searches the runs of all threads of an actor. Candidates are read from an index, newest first, some at a time, until the page is
/// full or enough of them were read.
/// </summary>
internal static class RunSearch
{
    private const string Columns = """
        found.run_key, found.run_id, found.status, found.assistant_id, found.error, found.created_at, found.updated_at, found.started_at,
        input.metadata, thread.metadata
        """;

    private const string WithMetadata = """
        LEFT JOIN LATERAL (
            SELECT metadata FROM weft.run_inputs WHERE $5 AND run_inputs.run_key = found.run_key LIMIT 1) AS input ON true
        LEFT JOIN LATERAL (
            SELECT metadata FROM weft.threads WHERE $6 AND threads.thread_key = found.thread_key LIMIT 1) AS thread ON true
        ORDER BY found.run_id DESC
        """;

    private const string InRange = "run_id < $2 AND run_id >= $3 ORDER BY run_id DESC LIMIT $4";
    private const string OfSuccess = $"SELECT * FROM weft.runs WHERE owner = $1 AND NOT unsuccessful AND {InRange}";
    private const string OfFailure = $"SELECT * FROM weft.runs WHERE owner = $1 AND unsuccessful AND {InRange}";

    // The runs that have not ended or succeeded.
    private const string Successful = $"SELECT {Columns} FROM ({OfSuccess}) AS found {WithMetadata}";

    // The runs that failed, timed out or were cancelled.
    private const string Unsuccessful = $"SELECT {Columns} FROM ({OfFailure}) AS found {WithMetadata}";

    // All runs: the two parts of the index are merged.
    private const string All = $"""
        SELECT {Columns}
        FROM (
            SELECT * FROM (({OfSuccess}) UNION ALL ({OfFailure})) AS parts ORDER BY run_id DESC LIMIT $4) AS found
        {WithMetadata}
        """;

    // The runs that have not ended. There are few of them.
    private const string Unfinished = $"""
        SELECT {Columns}
        FROM (
            SELECT * FROM (
                SELECT * FROM weft.runs WHERE status = 'pending'
                UNION ALL
                SELECT * FROM weft.runs WHERE status = 'running') AS unfinished
            WHERE owner = $1 AND {InRange}) AS found
        {WithMetadata}
        """;

    private const string OfThread = $"""
        SELECT {Columns}
        FROM (
            SELECT * FROM (
                SELECT * FROM weft.runs WHERE thread_key = (SELECT thread_key FROM weft.threads WHERE thread_id = $7) OFFSET 0) AS runs
            WHERE owner = $1 AND {InRange}) AS found
        {WithMetadata}
        """;

    private const string ListFound = $"""
        SELECT {RunRows.Columns}, runs.run_key FROM weft.runs {RunRows.WithInput}
        WHERE runs.run_key = ANY ($1) ORDER BY runs.run_id DESC
        """;

    private const int BatchMax = 1_000;

    public static async Task<(PageRows<RunRecord> Page, RunId? Next)> SearchAsync(
        Session session, Actor actor, RunQuery query, DateTimeOffset now)
    {
        var keys = new List<long>();
        RunId? last = null;
        var isEnd = await ReadAsync(session, SqlOf(query), actor, query, now, full: () => keys.Count == query.Limit, row =>
        {
            last = new RunId(row.Run.Guid(1));
            if (row.IsMatch)
            {
                keys.Add(row.Run.Integer(0));
            }
        });
        var page = await new PageRows<RunRecord>(RowSizes.Of)
            .AddAsync(session.Use(ListFound).Add(keys.ToArray()), RunRows.Read, RunRows.ColumnCount);
        return (page, isEnd ? null : last ?? query.After);
    }

    public static async Task<RunCounts> CountAsync(Session session, Actor actor, RunQuery query, DateTimeOffset now)
    {
        var counts = new Dictionary<RunStatus, int>();
        var isCapped = false;
        string[] parts = query.ThreadId is not null ? [OfThread] : [Unfinished, Successful, Unsuccessful];
        foreach (var sql in parts)
        {
            isCapped |= !await ReadAsync(session, sql, actor, query with { After = null }, now, full: () => false, row =>
            {
                var status = ColumnEnums.RunStatus(row.Run.Text(2));
                var isCounted = sql != Successful || status == RunStatus.Success;
                if (row.IsMatch && isCounted)
                {
                    counts[status] = counts.GetValueOrDefault(status) + 1;
                }
            });
        }

        return new RunCounts(counts, isCapped);
    }

    /// <summary>Returns the statement that reads the fewest runs besides those that the search finds.</summary>
    private static string SqlOf(RunQuery query) => query switch
    {
        { ThreadId: not null } => OfThread,
        { Statuses: { } statuses } when statuses.All(IsUnfinished) => Unfinished,
        { Statuses: { } statuses } when statuses.All(status => IsUnfinished(status) || status == RunStatus.Success) => Successful,
        { Statuses: { } statuses } when !statuses.Any(status => IsUnfinished(status) || status == RunStatus.Success) => Unsuccessful,
        _ => All,
    };

    /// <summary>Reads candidates. Returns whether all of them were read.</summary>
    private static async Task<bool> ReadAsync(
        Session session,
        string sql,
        Actor actor,
        RunQuery query,
        DateTimeOffset now,
        Func<bool> full,
        Action<(Row Run, bool IsMatch)> add)
    {
        var (from, before) = RunIdRange.Of(query);
        for (var read = 0; ;)
        {
            // One more than may be read shows whether this is the end.
            var size = Math.Min(query.Limit < BatchMax && read == 0 ? query.Limit + 1 : BatchMax, query.ReadMax - read + 1);
            var (received, isEnd) = (0, true);
            await session.Use(sql)
                .Add(actor.Id).Add(before).Add(from).Add(size)
                .Add(HasMetadataCondition(query)).Add(actor.Scope is not null).Add(query.ThreadId?.Value)
                .ReadWhileAsync(row =>
                {
                    received++;
                    if (read == query.ReadMax || full())
                    {
                        return isEnd = false;
                    }

                    read++;
                    before = row.Guid(1);
                    add((row, IsMatch(row, query, now) && (actor.Scope is null || actor.SeesThread(row.Text(9)))));
                    return true;
                });
            session.CancellationToken.ThrowIfCancellationRequested();
            if (!isEnd || received < size)
            {
                return isEnd;
            }
        }
    }

    private static bool IsMatch(Row row, RunQuery query, DateTimeOffset now)
    {
        var candidate = new RunCandidate
        {
            Status = ColumnEnums.RunStatus(row.Text(2)),
            AssistantId = new AssistantId(row.Guid(3)),
            Error = query.ErrorText is null ? null : row.TextOrNull(4),
            CreatedAt = row.Time(5),
            UpdatedAt = row.Time(6),
            StartedAt = row.TimeOrNull(7),
            Metadata = HasMetadataCondition(query) ? row.Text(8) : null,
        };
        return candidate.Matches(query, now);
    }
}
