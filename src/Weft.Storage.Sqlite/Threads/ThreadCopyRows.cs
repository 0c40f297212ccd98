using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Copies a thread with its checkpoints and outcomes.</summary>
internal static class ThreadCopyRows
{
    private const string CopyThread = $"""
        INSERT INTO threads (thread_id, owner, status, metadata, config, interrupts, error, created_at, updated_at, state_updated_at, ttl, ttl_strategy, expires_at, graph_config, preview)
        SELECT ?2, owner, ?4, json_replace(coalesce(?7, metadata), '$.thread_id', ?2), config, ?5, ?6, ?3, ?3, state_updated_at, ttl,
            ttl_strategy, ?3 + ttl, graph_config, coalesce(?8, preview)
        FROM threads WHERE thread_id = ?1
        RETURNING metadata
        """;

    private const string FindOriginal = """
        SELECT version, (SELECT max(checkpoint_id) FROM checkpoints WHERE checkpoints.thread_key = threads.thread_key AND ns = '' AND NOT hidden)
        FROM threads WHERE thread_id = ?1 AND owner = ?2
        """;

    private const string FindLastMetadata = "SELECT coalesce(max(metadata_key), 0) FROM checkpoint_metadata";

    // The keys of the copies follow the last key without a gap. If gaps were copied, they would double with each copy
    // of a thread.
    private const string NumberMetadata = $"""
        SELECT metadata_key, ?3 + row_number() OVER (ORDER BY metadata_key) AS copy_key, text
        FROM checkpoint_metadata WHERE thread_key = {ThreadRows.Key}
        """;

    private const string CopyMetadata = $"""
        INSERT INTO checkpoint_metadata (metadata_key, thread_key, text)
        SELECT copy_key, (SELECT thread_key FROM threads WHERE thread_id = ?2), text FROM ({NumberMetadata})
        """;

    // Hidden checkpoints are copied too, because later ones may refer to them. The cross join makes SQLite look up each
    // checkpoint's metadata in the materialized table.
    private const string CopyCheckpoints = $"""
        WITH numbered AS MATERIALIZED ({NumberMetadata})
        INSERT INTO checkpoints (thread_key, ns, checkpoint_id, ordinal, hidden, parent_id, run_id, source, step, created_at, metadata_key, body)
        SELECT (SELECT thread_key FROM threads WHERE thread_id = ?2), ns, checkpoint_id, ordinal, hidden, parent_id, run_id, source, step, created_at, copy_key, body
        FROM checkpoints CROSS JOIN numbered USING (metadata_key) WHERE thread_key = {ThreadRows.Key}
        ORDER BY checkpoint_key
        """;

    private const string CopyOutcomes = $"""
        INSERT INTO task_outcomes (thread_key, ns, checkpoint_id, task_id, body)
        SELECT (SELECT thread_key FROM threads WHERE thread_id = ?2), ns, checkpoint_id, task_id, body
        FROM task_outcomes WHERE thread_key = {ThreadRows.Key}
        """;

    public static WriteResult Copy(StoreConnection connection, ThreadCopy copy)
    {
        var (threadId, copyId) = (copy.ThreadId, copy.CopyId);
        var original = connection.Use(FindOriginal).Add(threadId.Value).Add(copy.Actor.Id)
            .First<(long Version, Guid? HeadId)?>(row => (row.Integer(0), row.IsNull(1) ? null : row.Guid(1)));
        if (original is not { } found)
        {
            return WriteResult.Missing;
        }

        if (ThreadRows.Exists(connection, copyId, copy.Actor))
        {
            // The same copy was committed before.
            return WriteResult.Applied;
        }

        if (found.Version != copy.Version || (copy.HeadId is { } head && head.Value != found.HeadId))
        {
            return WriteResult.Changed;
        }

        var outcome = copy.Outcome ?? new ThreadOutcome(ThreadStatus.Idle);
        var metadata = connection.Use(CopyThread)
            .Add(threadId.Value).Add(copyId.Value).Add(copy.Now).Add(outcome.Status.ToWire()).Add(outcome.Interrupts).Add(outcome.Error)
            .Add(copy.Metadata).Add(outcome.Preview).First(row => row.Text(0))!;
        ThreadMetadataRows.Add(connection, copy.Actor.Id, connection.LastKey, metadata);
        var last = connection.Use(FindLastMetadata).First(row => row.Integer(0));
        connection.Use(CopyMetadata).Add(threadId.Value).Add(copyId.Value).Add(last).Execute();
        connection.Use(CopyCheckpoints).Add(threadId.Value).Add(copyId.Value).Add(last).Execute();
        connection.Use(CopyOutcomes).Add(threadId.Value).Add(copyId.Value).Execute();
        return WriteResult.Applied;
    }
}
