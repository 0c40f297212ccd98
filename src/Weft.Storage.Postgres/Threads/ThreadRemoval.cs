namespace Weft.Storage.Postgres;

/// <summary>Removes threads with all rows that belong to them, in one statement.</summary>
internal static class ThreadRemoval
{
    /// <summary>
    /// CTEs that remove the threads of <c>doomed</c>, which has their <c>thread_key</c>. Deliveries of webhooks stay until they have
    /// ended.
    /// </summary>
    public const string Ctes = """
        removed AS (
            DELETE FROM weft.threads USING doomed WHERE threads.thread_key = ANY (ARRAY[doomed.thread_key])
            RETURNING threads.thread_key, threads.thread_id, threads.owner),
        removed_standings AS (
            DELETE FROM weft.thread_standings USING doomed WHERE thread_standings.thread_key = ANY (ARRAY[doomed.thread_key])),
        removed_counts AS (
            INSERT INTO weft.thread_counts (owner, slot, threads)
            SELECT owner, pg_backend_pid() % 16, -count(*) FROM removed GROUP BY owner ORDER BY owner
            ON CONFLICT (owner, slot) DO UPDATE SET threads = thread_counts.threads + excluded.threads),
        removed_runs AS (
            DELETE FROM weft.runs USING doomed WHERE runs.thread_key = ANY (ARRAY[doomed.thread_key]) RETURNING runs.run_key),
        removed_inputs AS (
            DELETE FROM weft.run_inputs USING removed_runs WHERE run_inputs.run_key = ANY (ARRAY[removed_runs.run_key])),
        removed_checkpoints AS (
            DELETE FROM weft.checkpoints USING doomed WHERE checkpoints.thread_key = ANY (ARRAY[doomed.thread_key])),
        removed_metadata AS (
            DELETE FROM weft.checkpoint_metadata USING doomed WHERE checkpoint_metadata.thread_key = ANY (ARRAY[doomed.thread_key])),
        removed_outcomes AS (
            DELETE FROM weft.task_outcomes USING doomed WHERE task_outcomes.thread_key = ANY (ARRAY[doomed.thread_key])),
        removed_messages AS (
            DELETE FROM weft.messages USING doomed WHERE messages.thread_key = ANY (ARRAY[doomed.thread_key])),
        removed_blocks AS (
            DELETE FROM weft.stream_blocks USING doomed WHERE stream_blocks.thread_key = ANY (ARRAY[doomed.thread_key])),
        removed_feedback AS (
            DELETE FROM weft.feedback USING doomed WHERE feedback.thread_key = ANY (ARRAY[doomed.thread_key])),
        removed_webhooks AS (
            DELETE FROM weft.webhooks USING removed
            WHERE webhooks.thread_id = ANY (ARRAY[removed.thread_id]) AND webhooks.status <> 'pending')
        """;

    private const string Remove = $"""
        WITH doomed AS MATERIALIZED (SELECT $1::bigint AS thread_key), {Ctes}
        SELECT count(*) FROM removed
        """;

    /// <summary>Removes a thread, whose standing the transaction has locked.</summary>
    public static Task RemoveAsync(Session session, long threadKey) =>
        session.Use(Remove).Add(threadKey).FirstAsync(row => row.Integer(0));
}
