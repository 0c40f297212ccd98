using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Keeps the stream events of resumable runs.</summary>
internal sealed class PostgresStreamEventStore(PostgresDatabase database) : IStreamEventStore
{
    private const int PageBytesMax = 1_000_000;

    private const string Log =
        "log AS MATERIALIZED (SELECT thread_key, begun FROM weft.runs WHERE run_id = $1 AND begun > 0)";

    private const string OfLog = """
        thread_key = (SELECT thread_key FROM log) AND begun = (SELECT begun FROM log)
        """;

    // The first block is the last one that begins at or before the event that comes next. The sums are those of the blocks before.
    private const string Read = $"""
        WITH
            {Log},
            page AS (
                SELECT first_seq, last_seq, data, created_at, format FROM weft.stream_blocks
                WHERE {OfLog}
                    AND first_seq >= coalesce(
                        (SELECT first_seq FROM weft.stream_blocks WHERE {OfLog} AND first_seq <= $2 + 1 ORDER BY first_seq DESC LIMIT 1), 0)
                    AND last_seq > $2
                ORDER BY first_seq LIMIT $3),
            sized AS (
                SELECT
                    *,
                    sum(last_seq - greatest(first_seq - 1, $2)) OVER before AS events,
                    sum(octet_length(data)) OVER before AS bytes
                FROM page
                WINDOW before AS (ORDER BY first_seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
        SELECT first_seq, last_seq, data, created_at, format FROM sized
        WHERE coalesce(events, 0) < $3 AND coalesce(bytes, 0) < $4
        ORDER BY first_seq
        """;

    private const string FindLast = $"""
        WITH {Log}
        SELECT last_seq FROM weft.stream_blocks WHERE {OfLog} ORDER BY first_seq DESC LIMIT 1
        """;

    private const string FindNext = $"""
        {RunRows.Select}
        WHERE runs.run_key = (
            SELECT run_key FROM (
                (SELECT run_key, begun FROM weft.stream_blocks WHERE thread_key = {ThreadRows.Key} AND begun > $2
                ORDER BY begun, first_seq LIMIT 1)
                UNION ALL
                (SELECT run_key, begun FROM weft.runs WHERE thread_key = {ThreadRows.Key}
                ORDER BY run_key DESC LIMIT 16)) AS following
            WHERE begun > $2
            ORDER BY begun LIMIT 1)
        """;

    public async Task AppendAsync(RunAttempt attempt, IReadOnlyList<StreamBlock> events, CancellationToken cancellationToken)
    {
        var result = await database.WriteAsync(attempt.ThreadId, StreamAppend.Kind, new NewBlocks(attempt, events), cancellationToken);
        result.ThrowIfRefused(attempt);
    }

    public Task<IReadOnlyList<StreamBlock>> ReadAsync(RunKey run, long afterSeq, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StreamBlock>>(
            async session => await session.Use(Read).Add(run.RunId.Value).Add(afterSeq).Add(limit).Add(PageBytesMax)
                .ListAsync(static row => new StreamBlock(row.Integer(0), row.Integer(1), row.Bytes(2), row.Time(3))
                {
                    Format = (int)row.Integer(4),
                }),
            cancellationToken);

    public Task<long?> FindLastSeqAsync(RunKey run, CancellationToken cancellationToken) => database.ReadAsync(
        session => session.Use(FindLast).Add(run.RunId.Value).FirstAsync<long?>(static row => row.Integer(0)), cancellationToken);

    public Task<RunRecord?> FindNextRunAsync(ThreadId threadId, long startOrder, CancellationToken cancellationToken) => database.ReadAsync(
        session => session.Use(FindNext).Add(threadId.Value).Add(startOrder).FirstAsync(RunRows.Read), cancellationToken);

    public Task<int> DeleteFirstAsync(long bytesMax, CancellationToken cancellationToken) =>
        StreamRetention.DeleteFirstAsync(database, bytesMax, cancellationToken);

    public Task<int> DeleteOldestAsync(long bytesMax, CancellationToken cancellationToken) =>
        StreamRetention.DeleteOldestAsync(database, bytesMax, cancellationToken);

    public Task<int> DeleteEndedBeforeAsync(DateTimeOffset cutoff, CancellationToken cancellationToken) =>
        StreamRetention.DeleteEndedBeforeAsync(database, cutoff, cancellationToken);
}
