using Microsoft.Data.Sqlite;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

internal sealed class SqliteCheckpointStore(SqliteDatabase database) : ICheckpointStore
{
    private const string RowColumns = "thread_id, ns, ordinal, checkpoint_id, parent_id, run_id, source, metadata, created_at, body";

    private const string InsertColumns = "INSERT INTO checkpoints (thread_id, ns, ordinal, checkpoint_id, parent_id, run_id, source, metadata, created_at, body) ";

    private const string OwnsRun = "EXISTS (SELECT 1 FROM runs WHERE run_id = $11 AND attempt = $12 AND status = 'running')";

    private const string Insert = InsertColumns + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    private const string InsertFenced = InsertColumns + "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE " + OwnsRun;

    private const string PutOutcome =
        "INSERT OR REPLACE INTO task_outcomes (thread_id, ns, checkpoint_id, task_id, body) VALUES ($1, $2, $3, $4, $5)";

    private const string PutOutcomeFenced =
        """
        INSERT OR REPLACE INTO task_outcomes (thread_id, ns, checkpoint_id, task_id, body)
        SELECT $1, $2, $3, $4, $5 WHERE EXISTS (SELECT 1 FROM runs WHERE run_id = $6 AND attempt = $7 AND status = 'running')
        """;

    public Task PutAsync(RunAttempt? attempt, CheckpointRecord checkpoint, IReadOnlyList<RunEventRecord> events, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                Put(session, attempt, checkpoint);
                foreach (var added in events)
                {
                    SqliteRunEventStore.Append(session, added);
                }

                return true;
            },
            cancellationToken);

    public Task PutOutcomeAsync(RunAttempt? attempt, ThreadId threadId, string @namespace, TaskOutcomeRecord outcome, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                if (attempt is null)
                {
                    return session[PutOutcome].Execute(threadId.Value, @namespace, outcome.CheckpointId, outcome.TaskId, Columns.Of(outcome.Body));
                }

                var put = session[PutOutcomeFenced].Execute(
                    threadId.Value, @namespace, outcome.CheckpointId, outcome.TaskId, Columns.Of(outcome.Body), Columns.Of(attempt.RunId), attempt.Attempt);
                return put == 1 ? put : throw new StaleAttemptException(attempt);
            },
            cancellationToken);

    public Task<CheckpointRecord?> FindAsync(ThreadId threadId, string @namespace, string? checkpointId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => checkpointId is null
                ? session[$"SELECT {RowColumns} FROM checkpoints WHERE thread_id = $1 AND ns = $2 AND hidden = 0 ORDER BY ordinal DESC LIMIT 1"].First(Read, threadId.Value, @namespace)
                : session[$"SELECT {RowColumns} FROM checkpoints WHERE thread_id = $1 AND ns = $2 AND checkpoint_id = $3 AND hidden = 0"].First(Read, threadId.Value, @namespace, checkpointId),
            cancellationToken);

    public Task<IReadOnlyList<CheckpointRecord>> ReadRangeAsync(ThreadId threadId, string @namespace, long from, long to, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<CheckpointRecord>>(
            session => session[$"SELECT {RowColumns} FROM checkpoints WHERE thread_id = $1 AND ns = $2 AND ordinal BETWEEN $3 AND $4 ORDER BY ordinal"]
                .List(Read, threadId.Value, @namespace, from, to),
            cancellationToken);

    public Task<IReadOnlyList<CheckpointRecord>> ListAsync(ThreadId threadId, string @namespace, string? before, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<CheckpointRecord>>(
            session => session[$"SELECT {RowColumns} FROM checkpoints WHERE thread_id = $1 AND ns = $2 AND ($3 IS NULL OR checkpoint_id < $3) AND hidden = 0 ORDER BY ordinal DESC LIMIT $4"]
                .List(Read, threadId.Value, @namespace, before, limit),
            cancellationToken);

    public Task<CheckpointRecord?> FindSuccessorAsync(ThreadId threadId, string @namespace, string checkpointId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => session[$"SELECT {RowColumns} FROM checkpoints WHERE thread_id = $1 AND ns = $2 AND checkpoint_id > $3 AND parent_id = $3 AND source = 'loop' AND hidden = 0 ORDER BY ordinal DESC LIMIT 1"]
                .First(Read, threadId.Value, @namespace, checkpointId),
            cancellationToken);

    public Task<IReadOnlyList<TaskOutcomeRecord>> ListOutcomesAsync(ThreadId threadId, string @namespace, string checkpointId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<TaskOutcomeRecord>>(
            session => session["SELECT task_id, body FROM task_outcomes WHERE thread_id = $1 AND ns = $2 AND checkpoint_id = $3 ORDER BY task_id"]
                .List(row => new TaskOutcomeRecord(checkpointId, row.GetString(0), row.Bytes(1)), threadId.Value, @namespace, checkpointId),
            cancellationToken);

    /// <summary>Removes the checkpoints of a run: for good where nothing can refer to them any more, else from sight.</summary>
    internal static void DeleteOfRun(SqliteSession session, ThreadId threadId, byte[] runId)
    {
        session["DELETE FROM task_outcomes WHERE thread_id = $1 AND EXISTS (SELECT 1 FROM checkpoints c WHERE c.thread_id = $1 AND c.run_id = $2 AND c.ns = task_outcomes.ns AND c.checkpoint_id = task_outcomes.checkpoint_id)"]
            .Execute(threadId.Value, runId);
        session["UPDATE checkpoints SET hidden = 1 WHERE thread_id = $1 AND run_id = $2"].Execute(threadId.Value, runId);
        session["DELETE FROM checkpoints WHERE thread_id = $1 AND hidden = 1 AND ordinal > COALESCE((SELECT MAX(v.ordinal) FROM checkpoints v WHERE v.thread_id = $1 AND v.ns = checkpoints.ns AND v.hidden = 0), 0)"]
            .Execute(threadId.Value);
    }

    private static void Put(SqliteSession session, RunAttempt? attempt, CheckpointRecord checkpoint)
    {
        var runId = checkpoint.RunId is { } id ? Columns.Of(id) : null;
        var body = Columns.Of(checkpoint.Body);
        if (attempt is null)
        {
            session[Insert].Execute(
                checkpoint.ThreadId.Value, checkpoint.Namespace, checkpoint.Ordinal, checkpoint.CheckpointId, checkpoint.ParentId, runId, checkpoint.Source, checkpoint.Metadata, Columns.Of(checkpoint.CreatedAt), body);
            return;
        }

        var put = session[InsertFenced].Execute(
            checkpoint.ThreadId.Value,
            checkpoint.Namespace,
            checkpoint.Ordinal,
            checkpoint.CheckpointId,
            checkpoint.ParentId,
            runId,
            checkpoint.Source,
            checkpoint.Metadata,
            Columns.Of(checkpoint.CreatedAt),
            body,
            runId is not null && checkpoint.RunId == attempt.RunId ? runId : Columns.Of(attempt.RunId),
            attempt.Attempt);
        if (put == 0)
        {
            throw new StaleAttemptException(attempt);
        }
    }

    private static CheckpointRecord Read(SqliteDataReader row) => new()
    {
        ThreadId = new ThreadId(row.GetString(0)),
        Namespace = row.GetString(1),
        Ordinal = row.GetInt64(2),
        CheckpointId = row.GetString(3),
        ParentId = row.TextOrNull(4),
        RunId = row.IsDBNull(5) ? null : new RunId(row.Uuid(5)),
        Source = row.GetString(6),
        Metadata = row.GetString(7),
        CreatedAt = row.Time(8),
        Body = row.Bytes(9),
    };
}
