using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Statements on the messages of a thread that several stores use. Migration 0015 describes the table.</summary>
internal static class MessageRows
{
    /// <summary>The content of a message: its own, or a part of a checkpoint's body.</summary>
    public const string Content = """
        CASE WHEN messages.checkpoint_key IS NULL THEN content
        ELSE (
            SELECT substr(body, content_at, content_length) FROM checkpoints
            WHERE checkpoints.checkpoint_key = messages.checkpoint_key) END
        """;

    private const string Insert = $"""
        INSERT INTO messages (thread_key, seq, run_id, content, created_at, checkpoint_key, content_at, content_length)
        VALUES (
            {ThreadRows.Key}, (SELECT coalesce(max(seq), 0) + 1 FROM messages WHERE thread_key = {ThreadRows.Key}),
            ?2, ?3, ?4, ?5, ?6, ?7)
        """;

    private const string Detach = $"""
        UPDATE messages SET content = {Content}, checkpoint_key = NULL
        WHERE thread_key = {ThreadRows.Key} AND checkpoint_key IS NOT NULL
        """;

    // The newest message of a thread is emptied, not deleted, so that its number is not used again. A reader who has seen
    // that number would miss a new message with it.
    private const string Delete = $"""
        DELETE FROM messages
        WHERE thread_key = {ThreadRows.Key} AND run_id = ?2 AND seq < (SELECT max(seq) FROM messages WHERE thread_key = {ThreadRows.Key})
        """;

    private const string Blank = $"""
        UPDATE messages SET run_id = NULL, content = x'', checkpoint_key = NULL
        WHERE thread_key = {ThreadRows.Key} AND run_id = ?2
        """;

    private const string DeleteOfThread = $"DELETE FROM messages WHERE thread_key = {ThreadRows.Key}";

    /// <summary>
    /// Adds the messages that come with a checkpoint. Content that the body of the checkpoint or of its parent contains
    /// is not stored again.
    /// </summary>
    public static void Append(
        StoreConnection connection, CheckpointRecord checkpoint, long key, long? parentKey, IReadOnlyList<MessageRecord> messages)
    {
        foreach (var message in messages)
        {
            var checkpointKey = message.Place is not { } place ? null : place.CheckpointId == checkpoint.CheckpointId ? key : parentKey;
            connection.Use(Insert)
                .Add(checkpoint.ThreadId.Value).Add(message.RunId.Value)
                .Add(checkpointKey is null ? message.Content : default).Add(message.CreatedAt)
                .Add(checkpointKey)
                .Add(checkpointKey is null ? null : message.Place!.Value.Start + 1L)
                .Add(checkpointKey is null ? null : (long?)message.Content.Length)
                .Execute();
        }
    }

    /// <summary>
    /// Copies content out of the bodies of checkpoints into the thread's messages. Call it before checkpoints are
    /// removed or rewritten.
    /// </summary>
    public static void DetachAll(StoreConnection connection, ThreadId threadId) => connection.Use(Detach).Add(threadId.Value).Execute();

    /// <summary>Removes the messages of a run.</summary>
    public static void Remove(StoreConnection connection, ThreadId threadId, RunId runId)
    {
        connection.Use(Delete).Add(threadId.Value).Add(runId.Value).Execute();
        connection.Use(Blank).Add(threadId.Value).Add(runId.Value).Execute();
    }

    /// <summary>Removes the messages of a thread.</summary>
    public static void Remove(StoreConnection connection, ThreadId threadId) =>
        connection.Use(DeleteOfThread).Add(threadId.Value).Execute();
}
