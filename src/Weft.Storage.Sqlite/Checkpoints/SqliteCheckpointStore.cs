using System.Text;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps checkpoints and the outcomes of their tasks.</summary>
internal sealed class SqliteCheckpointStore(SqliteDatabase database) : ICheckpointStore
{
    private const string Columns = """
        checkpoint_id, ns, ordinal, parent_id, run_id, source, step, created_at,
        (SELECT text FROM checkpoint_metadata WHERE checkpoint_metadata.metadata_key = checkpoints.metadata_key), body
        """;

    // The fence: no row is inserted once the attempt has lost its run. So is what the row builds on: when one write of a run
    // fails, those that follow must not refer to what is not there. Mostly a checkpoint's metadata is its parent's.
    private const string FindPlace = """
        SELECT threads.thread_key, parent.metadata_key, checkpoint_metadata.text = ?6 FROM threads
        LEFT JOIN checkpoints AS parent ON parent.thread_key = threads.thread_key AND parent.ns = ?2 AND parent.checkpoint_id = ?3
        LEFT JOIN checkpoint_metadata ON checkpoint_metadata.metadata_key = parent.metadata_key
        WHERE thread_id = ?1
          AND (?3 IS NULL OR parent.checkpoint_key IS NOT NULL)
          AND (?4 IS NULL OR EXISTS (SELECT 1 FROM runs WHERE run_id = ?4 AND runs.thread_key = threads.thread_key AND attempt = ?5 AND status = 'running'))
        """;

    private const string InsertMetadata = "INSERT INTO checkpoint_metadata (thread_key, text) VALUES (?1, ?2)";

    private const string Insert = """
        INSERT INTO checkpoints (thread_key, ns, checkpoint_id, ordinal, parent_id, run_id, source, step, created_at, metadata_key, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """;

    private const string InsertOutcome = $"""
        INSERT INTO task_outcomes (thread_key, ns, checkpoint_id, task_id, body)
        SELECT thread_key, ns, checkpoint_id, ?4, ?5 FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id = ?3
          AND (?6 IS NULL OR EXISTS (SELECT 1 FROM runs WHERE run_id = ?6 AND runs.thread_key = checkpoints.thread_key AND attempt = ?7 AND status = 'running'))
        ON CONFLICT (thread_key, ns, checkpoint_id, task_id) DO UPDATE SET body = excluded.body
        """;

    private const string FindCheckpoint = $"""
        SELECT {Columns} FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id = ?3 AND NOT hidden
        """;

    private const string List = $"""
        SELECT {Columns} FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND NOT hidden
        ORDER BY checkpoint_id DESC LIMIT ?3
        """;

    private const string ListBefore = $"""
        SELECT {Columns} FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id < ?3 AND NOT hidden
        ORDER BY checkpoint_id DESC LIMIT ?4
        """;

    // Ids and ordinals grow together, so the index by id serves here too: from the checkpoint down to where the range begins.
    private const string ReadRange = $"""
        SELECT ordinal, body FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id <= ?3
          AND EXISTS (SELECT 1 FROM checkpoints WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id = ?3 AND NOT hidden)
        ORDER BY checkpoint_id DESC
        """;

    private const string FindSuccessor = $"""
        SELECT {Columns} FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id > ?3 AND parent_id = ?3 AND source = 'loop' AND NOT hidden
        ORDER BY checkpoint_id DESC LIMIT 1
        """;

    // From one namespace to the next: each has its newest checkpoint at its end of the index.
    private const string ListHeads = $"""
        WITH RECURSIVE
            thread (key) AS (SELECT thread_key FROM threads WHERE thread_id = ?1),
            namespaces (ns) AS (
                SELECT min(ns) FROM checkpoints WHERE thread_key = (SELECT key FROM thread)
                UNION ALL
                SELECT (SELECT min(ns) FROM checkpoints WHERE thread_key = (SELECT key FROM thread) AND ns > namespaces.ns)
                FROM namespaces WHERE namespaces.ns IS NOT NULL)
        SELECT {Columns} FROM checkpoints
        WHERE thread_key = (SELECT key FROM thread) AND (ns, checkpoint_id) IN (
            SELECT ns, (SELECT max(checkpoint_id) FROM checkpoints WHERE thread_key = (SELECT key FROM thread) AND ns = namespaces.ns AND NOT hidden)
            FROM namespaces WHERE ns IS NOT NULL)
        ORDER BY ns
        """;

    private const string Rewrite = $"UPDATE checkpoints SET body = ?4 WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id = ?3";

    private const string Prune = $"""
        DELETE FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND (ns, checkpoint_id) NOT IN (SELECT value ->> 0, unhex(value ->> 1, '-') FROM json_each(?2))
        """;

    private const string PruneOutcomes = $"""
        DELETE FROM task_outcomes
        WHERE thread_key = {ThreadRows.Key} AND (ns, checkpoint_id) NOT IN (SELECT value ->> 0, unhex(value ->> 1, '-') FROM json_each(?2))
        """;

    private const string PruneMetadata = $"""
        DELETE FROM checkpoint_metadata
        WHERE thread_key = {ThreadRows.Key} AND metadata_key NOT IN (SELECT metadata_key FROM checkpoints WHERE thread_key = {ThreadRows.Key})
        """;

    private const string ListOutcomes = $"""
        SELECT task_id, body FROM task_outcomes
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id = ?3
        ORDER BY task_id
        """;

    // More are rare, and a list of more is so large that it would be kept until a full collection.
    private const int RangeLengthUsual = 3000;

    public async Task PutAsync(RunAttempt attempt, CheckpointRecord checkpoint, IReadOnlyList<RunEventRecord> events, CancellationToken cancellationToken)
    {
        var refusal = await database.WriteAsync(
            connection =>
            {
                if (!TryInsert(connection, attempt, checkpoint))
                {
                    return RefusalOf(connection, attempt, checkpoint.ParentId ?? checkpoint.CheckpointId);
                }

                RunEventRows.Append(connection, checkpoint, connection.LastKey, events);
                return null;
            },
            cancellationToken);
        if (refusal is not null)
        {
            throw refusal;
        }
    }

    public async Task PutOutcomeAsync(RunAttempt attempt, TaskOutcomeRecord outcome, CancellationToken cancellationToken)
    {
        var refusal = await database.WriteAsync(
            connection => TryInsertOutcome(connection, attempt, attempt.ThreadId, outcome) ? null : RefusalOf(connection, attempt, outcome.CheckpointId),
            cancellationToken);
        if (refusal is not null)
        {
            throw refusal;
        }
    }

    public Task<WriteResult> ApplyEditAsync(ThreadEdit edit, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var result = ThreadRows.Check(connection, edit.ThreadId, null, edit.Version);
            if (result != WriteResult.Applied)
            {
                return result;
            }

            foreach (var checkpoint in edit.Checkpoints)
            {
                if (!TryInsert(connection, null, checkpoint))
                {
                    throw new CheckpointMissingException(checkpoint.ParentId ?? checkpoint.CheckpointId);
                }
            }

            foreach (var outcome in edit.Outcomes)
            {
                if (!TryInsertOutcome(connection, null, edit.ThreadId, outcome))
                {
                    throw new CheckpointMissingException(outcome.CheckpointId);
                }
            }

            ThreadRows.Change(connection, edit.ThreadId, edit.Thread, edit.Now);
            return WriteResult.Applied;
        },
        cancellationToken);

    public Task<WriteResult> PruneAsync(ThreadId threadId, long version, IReadOnlyList<CheckpointRecord> kept, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var result = ThreadRows.Check(connection, threadId, null, version);
            if (result != WriteResult.Applied)
            {
                return result;
            }

            RunEventRows.DetachAll(connection, threadId);
            RunRows.DetachAll(connection, threadId);
            foreach (var checkpoint in kept)
            {
                connection.Use(Rewrite).Add(threadId.Value).Add(checkpoint.Namespace).Add(CheckpointUuid.Of(checkpoint.CheckpointId)).Add(checkpoint.Body).Execute();
            }

            var names = KeysJson(kept);
            connection.Use(PruneOutcomes).Add(threadId.Value).Add(names).Execute();
            connection.Use(Prune).Add(threadId.Value).Add(names).Execute();
            connection.Use(PruneMetadata).Add(threadId.Value).Execute();
            ThreadRows.Change(connection, threadId, null, default);
            return WriteResult.Applied;
        },
        cancellationToken);

    public Task<IReadOnlyList<CheckpointRecord>> ListHeadsAsync(ThreadId threadId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<CheckpointRecord>>(connection => connection.Use(ListHeads).Add(threadId.Value).List(row => Read(row, threadId)), cancellationToken);

    public Task<CheckpointRecord?> FindAsync(ThreadId threadId, string @namespace, string? checkpointId, CancellationToken cancellationToken) => database.ReadAsync(
        connection => checkpointId is null
            ? connection.Use(List).Add(threadId.Value).Add(@namespace).Add(1).First(row => Read(row, threadId))
            : connection.Use(FindCheckpoint).Add(threadId.Value).Add(@namespace).Add(CheckpointUuid.Of(checkpointId)).First(row => Read(row, threadId)),
        cancellationToken);

    public Task<IReadOnlyList<StoredBody>> ReadRangeAsync(ThreadId threadId, string @namespace, string checkpointId, long from, long to, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredBody>>(
            connection =>
            {
                var checkpoints = new List<StoredBody>((int)Math.Min(to - from, RangeLengthUsual - 1) + 1);
                var copies = new ByteCopies();
                connection.Use(ReadRange).Add(threadId.Value).Add(@namespace).Add(CheckpointUuid.Of(checkpointId)).ReadWhile(row =>
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
                ? connection.Use(List).Add(threadId.Value).Add(@namespace).Add(limit).List(row => Read(row, threadId))
                : connection.Use(ListBefore).Add(threadId.Value).Add(@namespace).Add(CheckpointUuid.Of(before)).Add(limit).List(row => Read(row, threadId)),
            cancellationToken);

    public Task<CheckpointRecord?> FindSuccessorAsync(ThreadId threadId, string @namespace, string checkpointId, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Use(FindSuccessor).Add(threadId.Value).Add(@namespace).Add(CheckpointUuid.Of(checkpointId)).First(row => Read(row, threadId)), cancellationToken);

    public Task<IReadOnlyList<TaskOutcomeRecord>> ListOutcomesAsync(ThreadId threadId, string @namespace, string checkpointId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<TaskOutcomeRecord>>(
            connection => connection.Use(ListOutcomes).Add(threadId.Value).Add(@namespace).Add(CheckpointUuid.Of(checkpointId))
                .List(row => new TaskOutcomeRecord(@namespace, checkpointId, row.Text(0), row.Bytes(1).ToArray())),
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

    private static bool TryInsertOutcome(StoreConnection connection, RunAttempt? attempt, ThreadId threadId, TaskOutcomeRecord outcome) => connection.Use(InsertOutcome)
        .Add(threadId.Value).Add(outcome.Namespace).Add(CheckpointUuid.Of(outcome.CheckpointId)).Add(outcome.TaskId).Add(outcome.Body)
        .Add(attempt?.RunId.Value).Add(attempt?.Attempt)
        .Execute() == 1;

    private static Exception RefusalOf(StoreConnection connection, RunAttempt attempt, string builtOn) =>
        RunRows.IsOwner(connection, attempt) ? new CheckpointMissingException(builtOn) : new StaleAttemptException(attempt);

    /// <summary>False when the attempt has lost its run, or what the checkpoint builds on is not there.</summary>
    private static bool TryInsert(StoreConnection connection, RunAttempt? attempt, CheckpointRecord checkpoint)
    {
        var (text, step) = MetadataText.OfCheckpoint(checkpoint.Metadata, checkpoint.Source, checkpoint.ThreadId.Value, checkpoint.RunId?.ToString());
        var place = connection.Use(FindPlace)
            .Add(checkpoint.ThreadId.Value).Add(checkpoint.Namespace).Add(CheckpointUuid.Of(checkpoint.ParentId))
            .Add(attempt?.RunId.Value).Add(attempt?.Attempt).Add(text)
            .First<(long Thread, long? Metadata)?>(row => (row.Integer(0), row.Integer(2) == 1 ? row.Integer(1) : null));
        if (place is not { } found)
        {
            return false;
        }

        if (found.Metadata is not { } metadata)
        {
            connection.Use(InsertMetadata).Add(found.Thread).Add(text).Execute();
            metadata = connection.LastKey;
        }

        connection.Use(Insert)
            .Add(found.Thread).Add(checkpoint.Namespace).Add(CheckpointUuid.Of(checkpoint.CheckpointId)).Add(checkpoint.Ordinal)
            .Add(CheckpointUuid.Of(checkpoint.ParentId)).Add(checkpoint.RunId?.Value).Add(checkpoint.Source).Add(step).Add(checkpoint.CreatedAt)
            .Add(metadata).Add(checkpoint.Body)
            .Execute();
        return true;
    }

    private static CheckpointRecord Read(Statement row, ThreadId threadId)
    {
        RunId? runId = row.IsNull(4) ? null : new RunId(row.Guid(4));
        var source = row.Text(5);
        return new CheckpointRecord
        {
            ThreadId = threadId,
            CheckpointId = row.Guid(0).ToString(),
            Namespace = row.Text(1),
            Ordinal = row.Integer(2),
            ParentId = row.IsNull(3) ? null : row.Guid(3).ToString(),
            RunId = runId,
            Source = source,
            CreatedAt = row.Time(7),
            Metadata = MetadataText.CheckpointMetadata(row.Text(8), source, (int)row.Integer(6), threadId.Value, runId?.ToString()),
            Body = row.Bytes(9).ToArray(),
        };
    }
}
