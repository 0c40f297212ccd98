using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps the stream events of resumable runs.</summary>
internal sealed class SqliteStreamEventStore(SqliteDatabase database) : IStreamEventStore
{
    private const int RunsPerDelete = 50;

    private const int PageBytesMax = 1_000_000;

    private const string Read = """
        SELECT seq, event, data, created_at, base, format FROM stream_events
        WHERE run_id = ?1 AND seq > ?2
        ORDER BY seq LIMIT ?3
        """;

    // Steps from run to run of those that have events. They are few, because a run's events are removed some time after
    // its end.
    private const string ListEnded = """
        WITH RECURSIVE streams (run_id) AS (
            SELECT min(run_id) FROM stream_events
            UNION ALL
            SELECT (SELECT min(run_id) FROM stream_events WHERE run_id > streams.run_id) FROM streams WHERE streams.run_id IS NOT NULL)
        SELECT runs.run_id FROM streams JOIN runs USING (run_id)
        WHERE runs.status NOT IN ('pending', 'running') AND runs.updated_at < ?1
        """;

    // SQLite computes the length of a blob on overflow pages without reading them.
    private const string ListSizes = """
        SELECT run_id, sum(length(data)), status NOT IN ('pending', 'running')
        FROM stream_events JOIN runs USING (run_id)
        GROUP BY run_id ORDER BY updated_at
        """;

    private const string DeleteFirst = """
        DELETE FROM stream_events
        WHERE run_id = ?1
          AND seq < (SELECT max(seq) FROM stream_events WHERE run_id = ?1)
          AND seq <= (
              SELECT max(seq)
              FROM (SELECT seq, sum(length(data)) OVER (ORDER BY seq DESC) AS bytes FROM stream_events WHERE run_id = ?1)
              WHERE bytes > ?2)
        """;

    private const string Delete = "DELETE FROM stream_events WHERE run_id = ?1";

    public async Task AppendAsync(RunAttempt attempt, IReadOnlyList<StreamEventRecord> events, CancellationToken cancellationToken)
    {
        var isStored = await database.WriteAsync(
            connection =>
            {
                if (!RunRows.IsOwner(connection, attempt))
                {
                    return false;
                }

                StreamEventRows.Append(connection, attempt.RunId, events);
                return true;
            },
            cancellationToken);
        if (!isStored)
        {
            throw new StaleAttemptException(attempt);
        }
    }

    public Task<IReadOnlyList<StreamEventRecord>> ReadAsync(RunKey run, long afterSeq, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StreamEventRecord>>(
            connection =>
            {
                var events = new List<StreamEventRecord>();
                var bytes = 0;
                connection.Use(Read).Add(run.RunId.Value).Add(afterSeq).Add(limit).ReadWhile(row =>
                {
                    var read = new StreamEventRecord(row.Integer(0), row.Text(1), row.Bytes(2).ToArray(), row.Time(3))
                    {
                        Base = row.TextOrNull(4) is { } id ? CheckpointId.Parse(id) : null,
                        Format = row.IsNull(5) ? null : (int)row.Integer(5),
                    };
                    events.Add(read);
                    return (bytes += read.Data.Length) < PageBytesMax;
                });
                return events;
            },
            cancellationToken);

    public async Task<int> DeleteFirstAsync(long bytesMax, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var run in (await ListSizesAsync(cancellationToken)).Where(run => run.Bytes > bytesMax))
        {
            deleted += await database.WriteAsync(
                connection => connection.Use(DeleteFirst).Add(run.RunId).Add(bytesMax).Execute(), cancellationToken);
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

            deleted += await database.WriteAsync(connection => connection.Use(Delete).Add(run.RunId).Execute(), cancellationToken);
            bytes -= run.Bytes;
        }

        return deleted;
    }

    public async Task<int> DeleteEndedBeforeAsync(DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        // A few runs at a time, so that other writes do not wait long.
        var deleted = 0;
        var ended = await database.ReadAsync(
            connection => connection.Use(ListEnded).Add(cutoff).List(row => row.Guid(0)), cancellationToken);
        foreach (var runs in ended.Chunk(RunsPerDelete))
        {
            deleted += await database.WriteAsync(
                connection => runs.Sum(run => connection.Use(Delete).Add(run).Execute()), cancellationToken);
        }

        return deleted;
    }

    private Task<List<(Guid RunId, long Bytes, bool HasEnded)>> ListSizesAsync(CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Use(ListSizes).List(row => (RunId: row.Guid(0), Bytes: row.Integer(1), HasEnded: row.Integer(2) == 1)),
        cancellationToken);
}
