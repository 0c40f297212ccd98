namespace Weft.Storage.Postgres;

/// <summary>Statements on the messages of a thread that several stores use.</summary>
internal static class MessageRows
{
    /// <summary>The content of a message: its own, or a part of a checkpoint's body.</summary>
    public const string Content = """
        CASE WHEN messages.checkpoint_id IS NULL THEN content
        ELSE (
            SELECT substr(body, content_at, content_length) FROM weft.checkpoints
            WHERE checkpoints.thread_key = messages.thread_key AND checkpoints.ns = ''
                AND checkpoints.checkpoint_id = messages.checkpoint_id) END
        """;

    private const string Detach = $"""
        UPDATE weft.messages SET content = {Content}, checkpoint_id = NULL, content_at = NULL, content_length = NULL
        WHERE thread_key = $1 AND checkpoint_id IS NOT NULL
        """;

    private const string Newest = "(SELECT seq FROM weft.messages WHERE thread_key = $1 ORDER BY seq DESC LIMIT 1)";

    // The newest message of a thread is emptied, not deleted, so that its number is not used again. A reader who has seen
    // that number would miss a new message with it.
    private const string Delete = $"DELETE FROM weft.messages WHERE thread_key = $1 AND run_id = $2 AND seq < {Newest}";

    private const string Blank = $"""
        UPDATE weft.messages
        SET run_id = NULL, content = NULL, checkpoint_id = NULL, content_at = NULL, content_length = NULL
        WHERE thread_key = $1 AND run_id = $2 AND seq = {Newest}
        """;

    /// <summary>
    /// Copies content out of the bodies of checkpoints into the thread's messages. Call it before checkpoints are removed or
    /// rewritten.
    /// </summary>
    public static Task DetachAllAsync(Session session, long threadKey) => session.Use(Detach).Add(threadKey).ExecuteAsync();

    /// <summary>Removes the messages of a run.</summary>
    public static async Task RemoveOfRunAsync(Session session, long threadKey, Guid runId)
    {
        await session.Use(Delete).Add(threadKey).Add(runId).ExecuteAsync();
        await session.Use(Blank).Add(threadKey).Add(runId).ExecuteAsync();
    }
}
