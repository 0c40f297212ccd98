namespace Weft.Storage.Postgres;

/// <summary>Copies the checkpoints of a thread to another thread, which has none.</summary>
internal static class CheckpointCopies
{
    // One statement, so that all comes from one snapshot of the data while a run of the thread may be writing. Hidden
    // checkpoints are copied too, because later ones may refer to them.
    private const string Copy = """
        WITH
            head AS MATERIALIZED (
                SELECT checkpoint_id FROM weft.checkpoints WHERE thread_key = $1 AND ns = '' AND NOT hidden
                ORDER BY checkpoint_id DESC LIMIT 1),
            texts AS MATERIALIZED (
                SELECT metadata_key, nextval('weft.checkpoint_metadata_keys') AS copy_key, text
                FROM weft.checkpoint_metadata
                WHERE thread_key = $1 AND ($3::uuid IS NULL OR $3 = (SELECT checkpoint_id FROM head))),
            copied_texts AS (
                INSERT INTO weft.checkpoint_metadata (metadata_key, thread_key, text) SELECT copy_key, $2, text FROM texts),
            copied AS (
                INSERT INTO weft.checkpoints (
                    thread_key, ordinal, created_at, metadata_key, step, hidden, checkpoint_id, parent_id, run_id, ns, source, body)
                SELECT $2, ordinal, created_at, copy_key, step, hidden, checkpoint_id, parent_id, run_id, ns, source, body
                FROM weft.checkpoints JOIN texts USING (metadata_key) WHERE checkpoints.thread_key = $1),
            copied_outcomes AS (
                INSERT INTO weft.task_outcomes (thread_key, ns, checkpoint_id, task_id, body)
                SELECT $2, ns, checkpoint_id, task_id, body FROM weft.task_outcomes
                WHERE thread_key = $1 AND ($3::uuid IS NULL OR $3 = (SELECT checkpoint_id FROM head)))
        SELECT 1 WHERE $3::uuid IS NULL OR $3 = (SELECT checkpoint_id FROM head)
        """;

    /// <summary>
    /// Copies checkpoints and the outcomes of their tasks. Returns false, and copies nothing, if <paramref name="headId"/> is given
    /// and the newest visible checkpoint of the root graph is another one.
    /// </summary>
    public static async Task<bool> TryCopyAsync(Session session, long threadKey, long copyKey, Guid? headId) =>
        await session.Use(Copy).Add(threadKey).Add(copyKey).Add(headId).FirstAsync(static row => row.Integer(0)) == 1;
}
