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

    // Hidden ones too: later ones may refer to them.
    private const string CopyCheckpoints = """
        INSERT INTO checkpoints (thread_id, ns, checkpoint_id, ordinal, hidden, parent_id, run_id, source, created_at, metadata, body)
        SELECT ?2, ns, checkpoint_id, ordinal, hidden, parent_id, run_id, source, created_at, json_replace(metadata, '$.thread_id', ?2), body
        FROM checkpoints WHERE thread_id = ?1
        ORDER BY checkpoint_key
        """;

    private const string CopyOutcomes = """
        INSERT INTO task_outcomes (thread_id, ns, checkpoint_id, task_id, body)
        SELECT ?2, ns, checkpoint_id, task_id, body
        FROM task_outcomes WHERE thread_id = ?1
        """;

    public static ThreadRecord? Copy(StoreConnection connection, Actor actor, ThreadId threadId, ThreadId copyId, DateTimeOffset now)
    {
        if (connection.Use(CopyThread).Add(threadId.Value).Add(actor.Id).Add(copyId.Value).Add(now).First(ThreadRows.Read) is not { } copy)
        {
            return null;
        }

        connection.Use(CopyCheckpoints).Add(threadId.Value).Add(copyId.Value).Execute();
        connection.Use(CopyOutcomes).Add(threadId.Value).Add(copyId.Value).Execute();
        return copy;
    }
}
