using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Copies a thread with what its state is made of.</summary>
internal static class ThreadCopy
{
    private const string CopyThread = $"""
        INSERT INTO threads (thread_id, owner, status, metadata, config, interrupts, error, created_at, updated_at, state_updated_at, ttl, ttl_strategy, expires_at)
        SELECT ?3, owner, 'idle', json_replace(metadata, '$.thread_id', ?3), config, '{"{}"}', NULL, ?4, ?4, state_updated_at, ttl, ttl_strategy, ?4 + ttl
        FROM threads WHERE thread_id = ?1 AND owner = ?2
        RETURNING {ThreadRows.Columns}
        """;

    // The copies' keys are as far from one another as those that are copied, after the greatest.
    private const string FindMetadataOffset = $"""
        SELECT (SELECT max(metadata_key) FROM checkpoint_metadata) + 1 - min(metadata_key)
        FROM checkpoint_metadata WHERE thread_key = {ThreadRows.Key}
        """;

    private const string CopyMetadata = $"""
        INSERT INTO checkpoint_metadata (metadata_key, thread_key, text)
        SELECT metadata_key + ?3, (SELECT thread_key FROM threads WHERE thread_id = ?2), text
        FROM checkpoint_metadata WHERE thread_key = {ThreadRows.Key}
        """;

    // Hidden ones too: later ones may refer to them.
    private const string CopyCheckpoints = $"""
        INSERT INTO checkpoints (thread_key, ns, checkpoint_id, ordinal, hidden, parent_id, run_id, source, step, created_at, metadata_key, body)
        SELECT (SELECT thread_key FROM threads WHERE thread_id = ?2), ns, checkpoint_id, ordinal, hidden, parent_id, run_id, source, step, created_at, metadata_key + ?3, body
        FROM checkpoints WHERE thread_key = {ThreadRows.Key}
        ORDER BY checkpoint_key
        """;

    private const string CopyOutcomes = $"""
        INSERT INTO task_outcomes (thread_key, ns, checkpoint_id, task_id, body)
        SELECT (SELECT thread_key FROM threads WHERE thread_id = ?2), ns, checkpoint_id, task_id, body
        FROM task_outcomes WHERE thread_key = {ThreadRows.Key}
        """;

    public static ThreadRecord? Copy(StoreConnection connection, Actor actor, ThreadId threadId, ThreadId copyId, DateTimeOffset now)
    {
        if (connection.Use(CopyThread).Add(threadId.Value).Add(actor.Id).Add(copyId.Value).Add(now).First(ThreadRows.Read) is not { } copy)
        {
            return null;
        }

        var offset = connection.Use(FindMetadataOffset).Add(threadId.Value).First(row => row.Integer(0));
        connection.Use(CopyMetadata).Add(threadId.Value).Add(copyId.Value).Add(offset).Execute();
        connection.Use(CopyCheckpoints).Add(threadId.Value).Add(copyId.Value).Add(offset).Execute();
        connection.Use(CopyOutcomes).Add(threadId.Value).Add(copyId.Value).Execute();
        return copy;
    }
}
