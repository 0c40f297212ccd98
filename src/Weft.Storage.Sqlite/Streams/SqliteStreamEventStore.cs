using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps the stream events of resumable runs.</summary>
internal sealed class SqliteStreamEventStore(SqliteDatabase database) : IStreamEventStore
{
    private const int RunsPerDelete = 50;

    private const int PageBytesMax = 1_000_000;

    // The first block is the last one that begins at or before the event that comes next.
    private const string Read = $"""
        SELECT seq - (?2 << 33), last_seq - (?2 << 33), data, created_at, format FROM thread_events
        WHERE thread_key = ?1
          AND seq >= coalesce(
              (SELECT max(seq) FROM thread_events WHERE thread_key = ?1 AND seq BETWEEN ?2 << 33 AND (?2 << 33) + ?3 + 1), ?2 << 33)
          AND seq < (?2 + 1) << 33
          AND last_seq > (?2 << 33) + ?3
        ORDER BY seq LIMIT ?4
        """;

    private const string FindLast =
        $"SELECT last_seq - (?2 << 33) FROM thread_events WHERE {ThreadEventRows.IsOfRun} ORDER BY seq DESC LIMIT 1";

    // Steps from run to run of those that have events. They are few, because a run's events are removed some time after
    // its end.
    private const string ListEnded = """
        WITH RECURSIVE logs (thread_key, seq) AS (
            SELECT * FROM (SELECT thread_key, seq FROM thread_events ORDER BY thread_key, seq LIMIT 1)
            UNION ALL
            SELECT next.thread_key, next.seq FROM logs JOIN thread_events AS next ON (next.thread_key, next.seq) = (
                SELECT thread_key, seq FROM thread_events
                WHERE (thread_key, seq) >= (logs.thread_key, ((logs.seq >> 33) + 1) << 33)
                ORDER BY thread_key, seq LIMIT 1))
        SELECT run_id FROM logs JOIN thread_events USING (thread_key, seq) JOIN runs USING (run_id)
        WHERE runs.status NOT IN ('pending', 'running') AND runs.updated_at < ?1
        """;

    // SQLite computes the length of a blob on overflow pages without reading them.
    private const string ListSizes = """
        SELECT run_id, sum(length(data)), status NOT IN ('pending', 'running')
        FROM thread_events JOIN runs USING (run_id)
        GROUP BY run_id ORDER BY updated_at
        """;

    private const string DeleteFirst = $"""
        DELETE FROM thread_events
        WHERE {ThreadEventRows.IsOfRun}
          AND seq < (SELECT max(seq) FROM thread_events WHERE {ThreadEventRows.IsOfRun})
          AND seq <= (
              SELECT max(seq)
              FROM (SELECT seq, sum(length(data)) OVER (ORDER BY seq DESC) AS bytes FROM thread_events WHERE {ThreadEventRows.IsOfRun})
              WHERE bytes > ?3)
        RETURNING last_seq - seq + 1
        """;

    private const string FindNext = $"""
        SELECT {RunRows.Columns} FROM runs
        WHERE run_id = (
            SELECT run_id FROM (
                SELECT * FROM (
                    SELECT run_id, seq >> 33 AS place FROM thread_events
                    WHERE thread_key = {ThreadRows.Key} AND seq >= (?2 + 1) << 33 ORDER BY seq LIMIT 1)
                UNION ALL
                SELECT * FROM (
                    SELECT run_id, begun AS place FROM runs
                    WHERE thread_key = {ThreadRows.Key} ORDER BY run_key DESC LIMIT 16))
            WHERE place > ?2
            ORDER BY place LIMIT 1)
        """;

    public async Task AppendAsync(RunAttempt attempt, IReadOnlyList<StreamBlock> events, CancellationToken cancellationToken)
    {
        var isStored = await database.WriteAsync(
            connection => ThreadEventRows.TryAppend(connection, attempt, events),
            cancellationToken);
        if (!isStored)
        {
            throw new StaleAttemptException(attempt);
        }
    }

    public Task<IReadOnlyList<StreamBlock>> ReadAsync(RunKey run, long afterSeq, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StreamBlock>>(
            connection =>
            {
                var blocks = new List<StreamBlock>();
                var (events, bytes) = (0L, 0);
                if (ThreadEventRows.PlaceOf(connection, run.RunId) is not { } place)
                {
                    return blocks;
                }

                connection.Use(Read).Add(place.ThreadKey).Add(place.StartOrder).Add(afterSeq).Add(limit).ReadWhile(row =>
                {
                    var read = new StreamBlock(row.Integer(0), row.Integer(1), row.Bytes(2).ToArray(), row.Time(3))
                    {
                        Format = (int)row.Integer(4),
                    };
                    blocks.Add(read);
                    events += read.LastSeq - Math.Max(read.FirstSeq - 1, afterSeq);
                    return events < limit && (bytes += read.Data.Length) < PageBytesMax;
                });
                return blocks;
            },
            cancellationToken);

    public Task<long?> FindLastSeqAsync(RunKey run, CancellationToken cancellationToken) => database.ReadAsync(
        connection => ThreadEventRows.PlaceOf(connection, run.RunId) is { } place
            ? connection.Use(FindLast).Add(place.ThreadKey).Add(place.StartOrder)
                .First<long?>(row => row.Integer(0))
            : null,
        cancellationToken);

    public Task<RunRecord?> FindNextRunAsync(ThreadId threadId, long startOrder, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Use(FindNext).Add(threadId.Value).Add(startOrder).First(RunRows.Read), cancellationToken);

    public async Task<int> DeleteFirstAsync(long bytesMax, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var run in (await ListSizesAsync(cancellationToken)).Where(run => run.Bytes > bytesMax))
        {
            deleted += await database.WriteAsync(
                connection => ThreadEventRows.PlaceOf(connection, run.RunId) is { } place
                    ? connection.Use(DeleteFirst).Add(place.ThreadKey).Add(place.StartOrder).Add(bytesMax)
                        .List(static row => (int)row.Integer(0)).Sum()
                    : 0,
                cancellationToken);
        }

        return deleted;
    }

    public async Task<int> DeleteOldestAsync(long bytesMax, CancellationToken cancellationToken)
    {
        var deleted = 0;
        var sizes = await ListSizesAsync(cancellationToken);
        var bytes = sizes.Sum(run => run.Bytes);
        foreach (var run in sizes.Where(run => run.HasEnded))
        {
            if (bytes <= bytesMax)
            {
                break;
            }

            deleted += await database.WriteAsync(connection => Remove(connection, run.RunId), cancellationToken);
            bytes -= run.Bytes;
        }

        return deleted;
    }

    public async Task<int> DeleteEndedBeforeAsync(DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        // A few runs at a time, so that other writes do not wait long.
        var deleted = 0;
        var ended = await database.ReadAsync(
            connection => connection.Use(ListEnded).Add(cutoff).List(row => new RunId(row.Guid(0))), cancellationToken);
        foreach (var runs in ended.Chunk(RunsPerDelete))
        {
            deleted += await database.WriteAsync(
                connection => runs.Sum(run => Remove(connection, run)), cancellationToken);
        }

        return deleted;
    }

    private static int Remove(StoreConnection connection, RunId runId) =>
        ThreadEventRows.PlaceOf(connection, runId) is { } place ? ThreadEventRows.Remove(connection, place) : 0;

    private Task<List<(RunId RunId, long Bytes, bool HasEnded)>> ListSizesAsync(CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Use(ListSizes).List(row => (RunId: new RunId(row.Guid(0)), Bytes: row.Integer(1), HasEnded: row.Integer(2) == 1)),
        cancellationToken);
}
