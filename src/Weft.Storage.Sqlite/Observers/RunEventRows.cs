using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Statements on the event log of a thread that several stores use.</summary>
internal static class RunEventRows
{
    private const string Insert = $"""
        INSERT INTO run_events (thread_key, seq, run_id, category, type, content, metadata, created_at, checkpoint_key, content_at, content_length)
        VALUES ({ThreadRows.Key}, (SELECT coalesce(max(seq), 0) + 1 FROM run_events WHERE thread_key = {ThreadRows.Key}), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """;

    /// <summary>The content of an entry: its own, or a part of a checkpoint's body.</summary>
    public const string Content = """
        CASE WHEN run_events.checkpoint_key IS NULL THEN content
        ELSE (SELECT substr(body, content_at, content_length) FROM checkpoints WHERE checkpoints.checkpoint_key = run_events.checkpoint_key) END
        """;

    private const string Detach = $"""
        UPDATE run_events SET content = {Content}, checkpoint_key = NULL
        WHERE thread_key = {ThreadRows.Key} AND checkpoint_key IS NOT NULL
        """;

    // The last entry of a thread is emptied, not deleted, so that its number is not used again. A reader who has seen
    // that number would miss a new entry with it.
    private const string Delete = $"""
        DELETE FROM run_events
        WHERE thread_key = {ThreadRows.Key} AND run_id = ?2 AND seq < (SELECT max(seq) FROM run_events WHERE thread_key = {ThreadRows.Key})
        """;

    private const string Blank = $$"""
        UPDATE run_events SET category = 'removed', content = x'', metadata = '{}', checkpoint_key = NULL
        WHERE thread_key = {{ThreadRows.Key}} AND run_id = ?2
        """;

    public static void Append(StoreConnection connection, ThreadId threadId, IReadOnlyList<RunEventRecord> events)
    {
        foreach (var entry in events)
        {
            Append(connection, threadId, entry, null);
        }
    }

    /// <summary>
    /// Adds the entries that come with a checkpoint. Content that the body of the checkpoint or of its parent contains
    /// is not stored again.
    /// </summary>
    public static void Append(
        StoreConnection connection, CheckpointRecord checkpoint, long key, long? parentKey, IReadOnlyList<RunEventRecord> events)
    {
        foreach (var entry in events)
        {
            var isOwn = entry.Place?.CheckpointId == checkpoint.CheckpointId;
            Append(connection, checkpoint.ThreadId, entry, entry.Place is null ? null : isOwn ? key : parentKey);
        }
    }

    /// <summary>
    /// Copies content out of the bodies of checkpoints into the thread's entries. Call it before checkpoints are
    /// removed or rewritten.
    /// </summary>
    public static void DetachAll(StoreConnection connection, ThreadId threadId) => connection.Use(Detach).Add(threadId.Value).Execute();

    public static void Remove(StoreConnection connection, ThreadId threadId, RunId runId)
    {
        connection.Use(Delete).Add(threadId.Value).Add(runId.Value).Execute();
        connection.Use(Blank).Add(threadId.Value).Add(runId.Value).Execute();
    }

    private static void Append(
        StoreConnection connection, ThreadId threadId, RunEventRecord entry, long? checkpointKey) => connection.Use(Insert)
        .Add(threadId.Value).Add(entry.RunId.Value).Add(ColumnEnums.Of(entry.Category)).Add(entry.Type)
        .Add(checkpointKey is null ? entry.Content : default).Add(entry.Metadata).Add(entry.CreatedAt)
        .Add(checkpointKey)
        .Add(checkpointKey is null ? null : entry.Place!.Value.Start + 1L)
        .Add(checkpointKey is null ? null : (long?)entry.Content.Length)
        .Execute();
}
