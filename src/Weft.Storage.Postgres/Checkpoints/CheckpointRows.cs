using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Writes rows of checkpoints and of the outcomes of their tasks, except those of running attempts.</summary>
internal static class CheckpointRows
{
    private const string Exists =
        $"SELECT 1 FROM weft.checkpoints WHERE thread_key = {ThreadRows.Key} AND ns = $2 AND checkpoint_id = $3";

    private const string Insert = """
        WITH
            parent AS MATERIALIZED (
                SELECT metadata_key FROM weft.checkpoints WHERE thread_key = $1 AND ns = $2 AND checkpoint_id = $3),
            shared AS MATERIALIZED (
                SELECT metadata_key FROM weft.checkpoint_metadata
                WHERE metadata_key = (SELECT metadata_key FROM parent) AND text = $4),
            placed AS MATERIALIZED (
                SELECT coalesce((SELECT metadata_key FROM shared), nextval('weft.checkpoint_metadata_keys')) AS metadata_key
                WHERE $3::uuid IS NULL OR EXISTS (SELECT FROM parent)),
            inserted AS (
                INSERT INTO weft.checkpoints (
                    thread_key, ns, parent_id, metadata_key, checkpoint_id, ordinal, run_id, source, step, created_at, body)
                SELECT $1, $2, $3, metadata_key, $5, $6, $7, $8, $9, $10, $11 FROM placed
                ON CONFLICT (thread_key, ns, checkpoint_id) DO NOTHING
                RETURNING metadata_key),
            texts AS (
                INSERT INTO weft.checkpoint_metadata (metadata_key, thread_key, text)
                SELECT metadata_key, $1, $4 FROM inserted WHERE NOT EXISTS (SELECT FROM shared))
        SELECT 1 FROM placed
        """;

    private const string Patch = """
        WITH added AS (
            INSERT INTO weft.checkpoint_metadata (metadata_key, thread_key, text)
            SELECT nextval('weft.checkpoint_metadata_keys'), $1, $4
            FROM weft.checkpoints WHERE thread_key = $1 AND ns = $2 AND checkpoint_id = $3
            RETURNING metadata_key)
        UPDATE weft.checkpoints SET metadata_key = added.metadata_key, step = $5
        FROM added WHERE thread_key = $1 AND ns = $2 AND checkpoint_id = $3
        """;

    private const string InsertOutcome = """
        INSERT INTO weft.task_outcomes (thread_key, ns, checkpoint_id, task_id, body)
        SELECT thread_key, ns, checkpoint_id, $4, $5 FROM weft.checkpoints WHERE thread_key = $1 AND ns = $2 AND checkpoint_id = $3
        ON CONFLICT (thread_key, ns, checkpoint_id, task_id) DO UPDATE SET body = excluded.body
        """;

    /// <summary>Makes the row of a checkpoint that an attempt puts.</summary>
    public static NewCheckpoint Prepare(RunAttempt attempt, CheckpointRecord checkpoint, IReadOnlyList<MessageRecord> messages)
    {
        var (text, step) = TextOf(checkpoint);
        return new NewCheckpoint(attempt, checkpoint, text, step, messages);
    }

    /// <summary>Whether a checkpoint is stored.</summary>
    public static async Task<bool> HasAsync(Session session, CheckpointRecord checkpoint) =>
        await session.Use(Exists)
            .Add(checkpoint.ThreadId.Value).Add(checkpoint.Namespace).Add(checkpoint.CheckpointId.Value)
            .FirstAsync(static row => row.Integer(0)) == 1;

    /// <summary>Inserts a checkpoint of an edit. Returns false if its parent is not stored.</summary>
    public static async Task<bool> TryInsertAsync(Session session, long threadKey, CheckpointRecord checkpoint)
    {
        var (text, step) = TextOf(checkpoint);
        return await session.Use(Insert)
            .Add(threadKey).Add(checkpoint.Namespace).Add(checkpoint.ParentId?.Value).Add(text)
            .Add(checkpoint.CheckpointId.Value).Add(checkpoint.Ordinal).Add(checkpoint.RunId?.Value).Add(checkpoint.Source).Add(step)
            .Add(checkpoint.CreatedAt).Add(checkpoint.Body)
            .FirstAsync(static row => row.Integer(0)) == 1;
    }

    /// <summary>Replaces the metadata of a checkpoint. Returns false if it is not stored.</summary>
    public static async Task<bool> TryPatchAsync(Session session, long threadKey, CheckpointRecord checkpoint)
    {
        var (text, step) = TextOf(checkpoint);
        var patched = await session.Use(Patch)
            .Add(threadKey).Add(checkpoint.Namespace).Add(checkpoint.CheckpointId.Value).Add(text).Add(step)
            .ExecuteAsync();
        await CheckpointRemoval.PruneMetadataAsync(session, threadKey);
        return patched == 1;
    }

    /// <summary>Adds or replaces an outcome. Returns false if the checkpoint is not stored.</summary>
    public static async Task<bool> TryInsertOutcomeAsync(Session session, long threadKey, TaskOutcomeRecord outcome) =>
        await session.Use(InsertOutcome)
            .Add(threadKey).Add(outcome.Namespace).Add(outcome.CheckpointId.Value).Add(outcome.TaskId).Add(outcome.Body)
            .ExecuteAsync() == 1;

    private static (string Text, int Step) TextOf(CheckpointRecord checkpoint) =>
        MetadataText.OfCheckpoint(checkpoint.Metadata, checkpoint.Source, checkpoint.ThreadId.Value, checkpoint.RunId?.Value);
}
