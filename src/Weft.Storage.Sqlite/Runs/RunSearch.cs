using Weft.Runs;
using static Weft.Storage.RunCandidate;

namespace Weft.Storage.Sqlite;

/// <summary>
/// Searches the runs of all threads of an actor. Candidates are read from an index, newest first, until the page is full or enough of
/// them were read.
/// </summary>
internal static class RunSearch
{
    private const string Columns = "run_key, run_id, status, assistant_id, error, created_at, updated_at, started_at, metadata, thread_key";
    private const string InRange = "run_id < ?2 AND run_id >= ?3";

    /// <summary>The runs that have not ended or succeeded.</summary>
    public const string Successful =
        $"SELECT {Columns} FROM runs WHERE owner = ?1 AND unsuccessful = 0 AND {InRange} ORDER BY run_id DESC";

    /// <summary>The runs that failed, timed out or were cancelled.</summary>
    public const string Unsuccessful =
        $"SELECT {Columns} FROM runs WHERE owner = ?1 AND unsuccessful = 1 AND {InRange} ORDER BY run_id DESC";

    /// <summary>All runs: the two parts of the index are merged.</summary>
    public const string All = $"""
        SELECT {Columns} FROM runs WHERE owner = ?1 AND unsuccessful = 0 AND {InRange}
        UNION ALL SELECT {Columns} FROM runs WHERE owner = ?1 AND unsuccessful = 1 AND {InRange}
        ORDER BY run_id DESC
        """;

    /// <summary>The runs that have not ended. There are few of them.</summary>
    public const string Unfinished = $"""
        SELECT {Columns} FROM runs
        WHERE run_key IN (SELECT run_key FROM runs WHERE status = 'pending' UNION ALL SELECT run_key FROM runs WHERE status = 'running')
          AND +owner = ?1 AND +run_id < ?2 AND +run_id >= ?3
        ORDER BY run_id DESC
        """;

    /// <summary>The runs of a thread.</summary>
    public const string OfThread = $"""
        SELECT {Columns} FROM runs
        WHERE thread_key = (SELECT thread_key FROM threads WHERE thread_id = ?4)
          AND +owner = ?1 AND +run_id < ?2 AND +run_id >= ?3
        ORDER BY run_id DESC
        """;

    private const string FindThreadMetadata = "SELECT metadata FROM threads WHERE thread_key = ?1";

    private const string Find = $"SELECT {RunRows.Columns} FROM runs WHERE run_key = ?1";
    private const string FindId = "SELECT hex(run_id) FROM runs WHERE run_key = ?1";

    public static (PageRows<RunRecord> Page, RunId? Next) Search(
        StoreConnection connection, ReadBudget budget, Actor actor, RunQuery query, DateTimeOffset now)
    {
        // The pass and the rows that it chooses are read from one snapshot.
        connection.BeginRead();
        try
        {
            var keys = new List<long>();
            RunId? last = null;
            var isEnd = Read(connection, budget, SqlOf(query), actor, query, now, full: () => keys.Count == query.Limit, row =>
            {
                last = new RunId(row.Run.Guid(1));
                if (row.IsMatch)
                {
                    keys.Add(row.Run.Integer(0));
                }
            });
            var page = new PageRows<RunRecord>(RowSizes.Of);
            keys.ForEach(key => page.Add(connection, Find, key, RunRows.Read, FindId));
            return (page, isEnd ? null : last ?? query.After);
        }
        finally
        {
            connection.TryRollback(out _);
        }
    }

    public static RunCounts Count(
        StoreConnection connection, ReadBudget budget, Actor actor, RunQuery query, DateTimeOffset now)
    {
        var counts = new Dictionary<RunStatus, int>();
        var isCapped = false;
        connection.BeginRead();
        try
        {
            string[] parts = query.ThreadId is not null ? [OfThread] : [Unfinished, Successful, Unsuccessful];
            foreach (var sql in parts)
            {
                isCapped |= !Read(connection, budget, sql, actor, query with { After = null }, now, full: () => false, row =>
                {
                    var status = ColumnEnums.RunStatus(row.Run.Bytes(2));
                    var isCounted = sql != Successful || status == RunStatus.Success;
                    if (row.IsMatch && isCounted)
                    {
                        counts[status] = counts.GetValueOrDefault(status) + 1;
                    }
                });
            }
        }
        finally
        {
            connection.TryRollback(out _);
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
    private static bool Read(
        StoreConnection connection,
        ReadBudget budget,
        string sql,
        Actor actor,
        RunQuery query,
        DateTimeOffset now,
        Func<bool> full,
        Action<(Statement Run, bool IsMatch)> add)
    {
        var ids = RunIdRange.Of(query);
        var statement = connection.Use(sql).Add(actor.Id).Add(ids.Before).Add(ids.From);
        if (query.ThreadId is { } threadId)
        {
            statement.Add(threadId.Value);
        }

        var read = 0;
        var isEnd = true;
        statement.ReadWhile(row =>
        {
            if (read++ == query.ReadMax || full())
            {
                return isEnd = false;
            }

            budget.Spend();
            add((row, IsMatch(row, query, now) && Sees(connection, actor, row)));
            return true;
        });
        return isEnd;
    }

    /// <summary>A run is seen with its thread.</summary>
    private static bool Sees(StoreConnection connection, Actor actor, Statement run) =>
        actor.Scope is null
        || (connection.Use(FindThreadMetadata).Add(run.Integer(9)).First(row => row.Text(0)) is { } metadata && actor.SeesThread(metadata));

    private static bool IsMatch(Statement row, RunQuery query, DateTimeOffset now)
    {
        var candidate = new RunCandidate
        {
            Status = ColumnEnums.RunStatus(row.Bytes(2)),
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
