using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>What is done with a thread's event log in more than one place.</summary>
internal static class RunEventRows
{
    private const string Insert = """
        INSERT INTO run_events (thread_id, seq, run_id, category, type, content, metadata, created_at)
        VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM run_events WHERE thread_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7)
        """;

    // The last entry of a thread stays, emptied, so that its number is not given again: a reader who has seen it would
    // miss the new one.
    private const string Delete = """
        DELETE FROM run_events
        WHERE thread_id = ?1 AND run_id = ?2 AND seq < (SELECT max(seq) FROM run_events WHERE thread_id = ?1)
        """;

    private const string Blank = """
        UPDATE run_events SET category = 'removed', content = x'', metadata = '{}'
        WHERE thread_id = ?1 AND run_id = ?2
        """;

    public static void Append(StoreConnection connection, ThreadId threadId, IReadOnlyList<RunEventRecord> events)
    {
        foreach (var entry in events)
        {
            connection.Use(Insert)
                .Add(threadId.Value).Add(entry.RunId.Value).Add(Words.Of(entry.Category)).Add(entry.Type)
                .Add(entry.Content).Add(entry.Metadata).Add(entry.CreatedAt)
                .Execute();
        }
    }

    public static void Remove(StoreConnection connection, ThreadId threadId, RunId runId)
    {
        connection.Use(Delete).Add(threadId.Value).Add(runId.Value).Execute();
        connection.Use(Blank).Add(threadId.Value).Add(runId.Value).Execute();
    }
}
