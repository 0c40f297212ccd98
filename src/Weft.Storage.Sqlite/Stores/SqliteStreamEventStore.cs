using Weft.Runs;

namespace Weft.Storage.Sqlite;

internal sealed class SqliteStreamEventStore(SqliteDatabase database) : IStreamEventStore
{
    private const string Insert = "INSERT OR REPLACE INTO stream_events (run_id, seq, event, data, created_at) VALUES ($1, $2, $3, $4, $5)";

    public Task AppendAsync(RunAttempt attempt, IReadOnlyList<StreamEventRecord> events, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var runId = Columns.Of(attempt.RunId);
                if (session["SELECT 1 FROM runs WHERE run_id = $1 AND attempt = $2 AND status = 'running'"].Scalar(runId, attempt.Attempt) is null)
                {
                    throw new StaleAttemptException(attempt);
                }

                foreach (var added in events)
                {
                    Append(session, runId, added);
                }

                return events.Count;
            },
            cancellationToken);

    public Task<IReadOnlyList<StreamEventRecord>> ReadAsync(RunId runId, long afterSeq, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StreamEventRecord>>(
            session => session["SELECT seq, event, data, created_at FROM stream_events WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"]
                .List(row => new StreamEventRecord(row.GetInt64(0), row.GetString(1), row.Bytes(2), row.Time(3)), Columns.Of(runId), afterSeq, limit),
            cancellationToken);

    public Task<int> DeleteEndedBeforeAsync(DateTimeOffset cutoff, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session["DELETE FROM stream_events WHERE run_id IN (SELECT s.run_id FROM (SELECT DISTINCT run_id FROM stream_events) s JOIN runs r ON r.run_id = s.run_id WHERE r.status NOT IN ('pending', 'running') AND r.updated_at < $1)"]
                .Execute(Columns.Of(cutoff)),
            cancellationToken);

    internal static void Append(SqliteSession session, byte[] runId, StreamEventRecord added) =>
        session[Insert].Execute(runId, added.Seq, added.Event, Columns.Of(added.Data), Columns.Of(added.CreatedAt));
}
