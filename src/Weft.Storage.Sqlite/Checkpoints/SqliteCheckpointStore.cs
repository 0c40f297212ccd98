using System.Text;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps checkpoints and the outcomes of their tasks.</summary>
internal sealed class SqliteCheckpointStore(SqliteDatabase database) : ICheckpointStore
{
    private const string Columns = "thread_id, ns, checkpoint_id, ordinal, parent_id, run_id, source, metadata, body, created_at";

    // The fence is a part of the statement: no row is inserted once the attempt has lost its run. So is what the row builds
    // on: when one write of a run fails, those that follow must not refer to what is not there.
    private const string Insert = $"""
        INSERT INTO checkpoints ({Columns})
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
        WHERE (?11 IS NULL OR EXISTS (SELECT 1 FROM runs WHERE run_id = ?11 AND attempt = ?12 AND status = 'running'))
          AND (?5 IS NULL OR EXISTS (SELECT 1 FROM checkpoints WHERE thread_id = ?1 AND ns = ?2 AND checkpoint_id = ?5))
        """;

    private const string InsertOutcome = """
        INSERT INTO task_outcomes (thread_id, ns, checkpoint_id, task_id, body)
        SELECT ?1, ?2, ?3, ?4, ?5
        WHERE (?6 IS NULL OR EXISTS (SELECT 1 FROM runs WHERE run_id = ?6 AND attempt = ?7 AND status = 'running'))
          AND EXISTS (SELECT 1 FROM checkpoints WHERE thread_id = ?1 AND ns = ?2 AND checkpoint_id = ?3)
        ON CONFLICT (thread_id, ns, checkpoint_id, task_id) DO UPDATE SET body = excluded.body
        """;

    private const string FindCheckpoint = $"SELECT {Columns} FROM checkpoints WHERE thread_id = ?1 AND ns = ?2 AND checkpoint_id = ?3 AND NOT hidden";

    private const string List = $"""
        SELECT {Columns} FROM checkpoints
        WHERE thread_id = ?1 AND ns = ?2 AND NOT hidden
        ORDER BY checkpoint_id DESC LIMIT ?3
        """;

    private const string ListBefore = $"""
        SELECT {Columns} FROM checkpoints
        WHERE thread_id = ?1 AND ns = ?2 AND checkpoint_id < ?3 AND NOT hidden
        ORDER BY checkpoint_id DESC LIMIT ?4
        """;

    // Ids and ordinals grow together, so the index by id serves here too: from the checkpoint down to where the range begins.
    private const string ReadRange = """
        SELECT ordinal, body FROM checkpoints
        WHERE thread_id = ?1 AND ns = ?2 AND checkpoint_id <= ?3
          AND EXISTS (SELECT 1 FROM checkpoints WHERE thread_id = ?1 AND ns = ?2 AND checkpoint_id = ?3 AND NOT hidden)
        ORDER BY checkpoint_id DESC
        """;

    private const string FindSuccessor = $"""
        SELECT {Columns} FROM checkpoints
        WHERE thread_id = ?1 AND ns = ?2 AND checkpoint_id > ?3 AND parent_id = ?3 AND source = 'loop' AND NOT hidden
        ORDER BY checkpoint_id DESC LIMIT 1
        """;

    // From one namespace to the next: each has its newest checkpoint at its end of the index.
    private const string ListHeads = $"""
        WITH RECURSIVE namespaces (ns) AS (
            SELECT min(ns) FROM checkpoints WHERE thread_id = ?1
            UNION ALL
            SELECT (SELECT min(ns) FROM checkpoints WHERE thread_id = ?1 AND ns > namespaces.ns) FROM namespaces WHERE namespaces.ns IS NOT NULL)
        SELECT {Columns} FROM checkpoints
        WHERE thread_id = ?1 AND (ns, checkpoint_id) IN (
            SELECT ns, (SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?1 AND ns = namespaces.ns AND NOT hidden) FROM namespaces WHERE ns IS NOT NULL)
        ORDER BY ns
        """;

    private const string Rewrite = "UPDATE checkpoints SET body = ?4 WHERE thread_id = ?1 AND ns = ?2 AND checkpoint_id = ?3";

    private const string Prune = """
        DELETE FROM checkpoints
        WHERE thread_id = ?1 AND (ns, checkpoint_id) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))
        """;

    private const string PruneOutcomes = """
        DELETE FROM task_outcomes
        WHERE thread_id = ?1 AND (ns, checkpoint_id) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))
        """;

    private const string ListOutcomes = """
        SELECT checkpoint_id, task_id, body FROM task_outcomes
        WHERE thread_id = ?1 AND ns = ?2 AND checkpoint_id = ?3
        ORDER BY task_id
        """;

    public async Task PutAsync(RunAttempt? attempt, CheckpointRecord checkpoint, IReadOnlyList<RunEventRecord> events, CancellationToken cancellationToken)
    {
        var refusal = await database.WriteAsync(
            connection =>
            {
                var rows = connection.Use(Insert)
                    .Add(checkpoint.ThreadId.Value).Add(checkpoint.Namespace).Add(checkpoint.CheckpointId).Add(checkpoint.Ordinal)
                    .Add(checkpoint.ParentId).Add(checkpoint.RunId?.Value).Add(checkpoint.Source).Add(checkpoint.Metadata).Add(checkpoint.Body)
                    .Add(checkpoint.CreatedAt).Add(attempt?.RunId.Value).Add(attempt?.Attempt)
                    .Execute();
                if (rows == 0)
                {
                    return RefusalOf(connection, attempt, checkpoint.ParentId!);
                }

                RunEventRows.Append(connection, checkpoint.ThreadId, events, connection.LastKey, checkpoint.Body);
                return null;
            },
            cancellationToken);
        if (refusal is not null)
        {
            throw refusal;
        }
    }

    public async Task PutOutcomeAsync(RunAttempt? attempt, ThreadId threadId, string @namespace, TaskOutcomeRecord outcome, CancellationToken cancellationToken)
    {
        var refusal = await database.WriteAsync(
            connection =>
            {
                var rows = connection.Use(InsertOutcome)
                    .Add(threadId.Value).Add(@namespace).Add(outcome.CheckpointId).Add(outcome.TaskId).Add(outcome.Body)
                    .Add(attempt?.RunId.Value).Add(attempt?.Attempt)
                    .Execute();
                return rows == 0 ? RefusalOf(connection, attempt, outcome.CheckpointId) : null;
            },
            cancellationToken);
        if (refusal is not null)
        {
            throw refusal;
        }
    }

    public Task PruneAsync(ThreadId threadId, IReadOnlyList<CheckpointRecord> kept, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            RunEventRows.DetachAll(connection, threadId);
            foreach (var checkpoint in kept)
            {
                connection.Use(Rewrite).Add(threadId.Value).Add(checkpoint.Namespace).Add(checkpoint.CheckpointId).Add(checkpoint.Body).Execute();
            }

            var names = KeysJson(kept);
            connection.Use(PruneOutcomes).Add(threadId.Value).Add(names).Execute();
            return connection.Use(Prune).Add(threadId.Value).Add(names).Execute();
        },
        cancellationToken);

    public Task<IReadOnlyList<CheckpointRecord>> ListHeadsAsync(ThreadId threadId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<CheckpointRecord>>(connection => connection.Use(ListHeads).Add(threadId.Value).List(Read), cancellationToken);

    public Task<CheckpointRecord?> FindAsync(ThreadId threadId, string @namespace, string? checkpointId, CancellationToken cancellationToken) => database.ReadAsync(
        connection => checkpointId is null
            ? connection.Use(List).Add(threadId.Value).Add(@namespace).Add(1).First(Read)
            : connection.Use(FindCheckpoint).Add(threadId.Value).Add(@namespace).Add(checkpointId).First(Read),
        cancellationToken);

    public Task<IReadOnlyList<StoredBody>> ReadRangeAsync(ThreadId threadId, string @namespace, string checkpointId, long from, long to, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredBody>>(
            connection =>
            {
                var checkpoints = new List<StoredBody>();
                var copies = new ByteCopies();
                connection.Use(ReadRange).Add(threadId.Value).Add(@namespace).Add(checkpointId).ReadWhile(row =>
                {
                    var ordinal = row.Integer(0);
                    if (ordinal >= from && ordinal <= to)
                    {
                        checkpoints.Add(new StoredBody(ordinal, copies.Add(row.Bytes(1))));
                    }

                    return ordinal > from;
                });
                checkpoints.Reverse();
                return checkpoints;
            },
            cancellationToken);

    public Task<IReadOnlyList<CheckpointRecord>> ListAsync(ThreadId threadId, string @namespace, string? before, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<CheckpointRecord>>(
            connection => before is null
                ? connection.Use(List).Add(threadId.Value).Add(@namespace).Add(limit).List(Read)
                : connection.Use(ListBefore).Add(threadId.Value).Add(@namespace).Add(before).Add(limit).List(Read),
            cancellationToken);

    public Task<CheckpointRecord?> FindSuccessorAsync(ThreadId threadId, string @namespace, string checkpointId, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Use(FindSuccessor).Add(threadId.Value).Add(@namespace).Add(checkpointId).First(Read), cancellationToken);

    public Task<IReadOnlyList<TaskOutcomeRecord>> ListOutcomesAsync(ThreadId threadId, string @namespace, string checkpointId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<TaskOutcomeRecord>>(
            connection => connection.Use(ListOutcomes).Add(threadId.Value).Add(@namespace).Add(checkpointId)
                .List(row => new TaskOutcomeRecord(row.Text(0), row.Text(1), row.Bytes(2).ToArray())),
            cancellationToken);

    private static string KeysJson(IReadOnlyList<CheckpointRecord> checkpoints) => Encoding.UTF8.GetString(GraphJson.Encode(checkpoints, static (writer, checkpoints) =>
    {
        writer.WriteStartArray();
        foreach (var checkpoint in checkpoints)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(checkpoint.Namespace);
            writer.WriteStringValue(checkpoint.CheckpointId);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }));

    private static Exception RefusalOf(StoreConnection connection, RunAttempt? attempt, string builtOn) =>
        attempt is null || RunRows.IsOwner(connection, attempt) ? new CheckpointMissingException(builtOn) : new StaleAttemptException(attempt);

    private static CheckpointRecord Read(Statement row) => new()
    {
        ThreadId = new ThreadId(row.Text(0)),
        Namespace = row.Text(1),
        CheckpointId = row.Text(2),
        Ordinal = row.Integer(3),
        ParentId = row.TextOrNull(4),
        RunId = row.IsNull(5) ? null : new RunId(row.Guid(5)),
        Source = row.Text(6),
        Metadata = row.Text(7),
        Body = row.Bytes(8).ToArray(),
        CreatedAt = row.Time(9),
    };
}
