namespace Weft.Storage.Postgres;

/// <summary>Removes stored events of runs that are too many or too old.</summary>
internal static class StreamRetention
{
    // Few, so that other writes do not wait long.
    private const int RunsPerDelete = 50;

    // Steps from run to run of those that have events. They are few, because a run's events are removed some time after
    // its end.
    private const string ListEnded = """
        WITH RECURSIVE logs (thread_key, begun, run_key) AS (
            SELECT * FROM (
                SELECT thread_key, begun, run_key FROM weft.stream_blocks ORDER BY thread_key, begun, first_seq LIMIT 1) AS first
            UNION ALL
            SELECT next.* FROM logs CROSS JOIN LATERAL (
                SELECT thread_key, begun, run_key FROM weft.stream_blocks
                WHERE (stream_blocks.thread_key, stream_blocks.begun) > (logs.thread_key, logs.begun)
                ORDER BY thread_key, begun, first_seq LIMIT 1) AS next)
        SELECT logs.thread_key, logs.begun FROM logs CROSS JOIN LATERAL (
            SELECT status, updated_at FROM weft.runs WHERE runs.run_key = logs.run_key LIMIT 1) AS run
        WHERE run.status NOT IN ('pending', 'running') AND run.updated_at < $1
        """;

    // The length of a value that is stored apart is known without reading it.
    private const string ListSizes = """
        SELECT log.thread_key, log.begun, log.bytes, run.status NOT IN ('pending', 'running')
        FROM (
            SELECT thread_key, begun, min(run_key) AS run_key, sum(octet_length(data))::bigint AS bytes
            FROM weft.stream_blocks GROUP BY thread_key, begun) AS log
        CROSS JOIN LATERAL (SELECT status, updated_at FROM weft.runs WHERE runs.run_key = log.run_key LIMIT 1) AS run
        ORDER BY run.updated_at
        """;

    private const string DeleteLogs = """
        WITH removed AS (
            DELETE FROM weft.stream_blocks USING unnest($1::bigint[], $2::integer[]) AS log (thread_key, begun)
            WHERE stream_blocks.thread_key = log.thread_key AND stream_blocks.begun = log.begun
            RETURNING last_seq - first_seq + 1 AS events)
        SELECT coalesce(sum(events), 0)::bigint FROM removed
        """;

    private const string DeleteFirst = """
        WITH
            sized AS (
                SELECT
                    first_seq,
                    sum(octet_length(data)) OVER (ORDER BY first_seq DESC ROWS UNBOUNDED PRECEDING) AS bytes,
                    row_number() OVER (ORDER BY first_seq DESC) AS place
                FROM weft.stream_blocks WHERE thread_key = $1 AND begun = $2),
            removed AS (
                DELETE FROM weft.stream_blocks USING sized
                WHERE stream_blocks.thread_key = $1 AND stream_blocks.begun = $2 AND stream_blocks.first_seq = sized.first_seq
                    AND sized.bytes > $3 AND sized.place > 1
                RETURNING last_seq - stream_blocks.first_seq + 1 AS events)
        SELECT coalesce(sum(events), 0)::bigint FROM removed
        """;

    /// <summary>Removes the first blocks of each run whose events are longer than this. Returns the number of events.</summary>
    public static async Task<int> DeleteFirstAsync(PostgresDatabase database, long bytesMax, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        foreach (var log in (await ListSizesAsync(database, cancellationToken)).Where(log => log.Bytes > bytesMax))
        {
            deleted += await database.WriteAsync(
                session => session.Use(DeleteFirst).Add(log.ThreadKey).Add(log.Begun).Add(bytesMax)
                    .FirstAsync(static row => row.Integer(0)),
                cancellationToken);
        }

        return (int)deleted;
    }

    /// <summary>Removes events of ended runs, the oldest first, until all together fit. Returns the number of events.</summary>
    public static async Task<int> DeleteOldestAsync(PostgresDatabase database, long bytesMax, CancellationToken cancellationToken)
    {
        var sizes = await ListSizesAsync(database, cancellationToken);
        var bytes = sizes.Sum(static log => log.Bytes);
        var removed = new List<(long ThreadKey, int Begun)>();
        foreach (var log in sizes.Where(static log => log.HasEnded))
        {
            if (bytes <= bytesMax)
            {
                break;
            }

            removed.Add((log.ThreadKey, log.Begun));
            bytes -= log.Bytes;
        }

        return await DeleteAsync(database, removed, cancellationToken);
    }

    /// <summary>Removes the events of runs that ended before this time. Returns the number of events.</summary>
    public static async Task<int> DeleteEndedBeforeAsync(
        PostgresDatabase database, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        var ended = await database.ReadAsync(
            session => session.Use(ListEnded).Add(cutoff).ListAsync(static row => (row.Integer(0), (int)row.Integer(1))),
            cancellationToken);
        return await DeleteAsync(database, ended, cancellationToken);
    }

    private static async Task<int> DeleteAsync(
        PostgresDatabase database, List<(long ThreadKey, int Begun)> logs, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        foreach (var some in logs.Chunk(RunsPerDelete))
        {
            deleted += await database.WriteAsync(
                session => session.Use(DeleteLogs)
                    .Add(some.Select(static log => log.ThreadKey).ToArray()).Add(some.Select(static log => log.Begun).ToArray())
                    .FirstAsync(static row => row.Integer(0)),
                cancellationToken);
        }

        return (int)deleted;
    }

    private static Task<List<LogSize>> ListSizesAsync(PostgresDatabase database, CancellationToken cancellationToken) =>
        database.SearchAsync(
            session => session.Use(ListSizes)
                .ListAsync(static row => new LogSize(row.Integer(0), (int)row.Integer(1), row.Integer(2), row.Boolean(3))),
            cancellationToken);

    private readonly record struct LogSize(long ThreadKey, int Begun, long Bytes, bool HasEnded);
}
