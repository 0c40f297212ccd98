using System.Text;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Writes rows of checkpoints and of the outcomes of their tasks.</summary>
internal static class CheckpointRows
{
    // The fence: no row is inserted after the attempt has lost its run. The parent is checked too: after one failed
    // write, later checkpoints of the run must not refer to a missing one. The metadata of a checkpoint is usually
    // equal to that of its parent, so its text is shared.
    private const string FindPlace = """
        SELECT threads.thread_key, parent.metadata_key, checkpoint_metadata.text = ?6, parent.checkpoint_key FROM threads
        LEFT JOIN checkpoints AS parent ON parent.thread_key = threads.thread_key AND parent.ns = ?2 AND parent.checkpoint_id = ?3
        LEFT JOIN checkpoint_metadata ON checkpoint_metadata.metadata_key = parent.metadata_key
        WHERE thread_id = ?1
          AND (?3 IS NULL OR parent.checkpoint_key IS NOT NULL)
          AND (?4 IS NULL OR EXISTS (
              SELECT 1 FROM runs
              WHERE run_id = ?4 AND runs.thread_key = threads.thread_key AND attempt = ?5 AND status = 'running'))
        """;

    private const string InsertMetadata = "INSERT INTO checkpoint_metadata (thread_key, text) VALUES (?1, ?2)";

    private const string Insert = """
        INSERT INTO checkpoints (thread_key, ns, checkpoint_id, ordinal, parent_id, run_id, source, step, created_at, metadata_key, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        ON CONFLICT (thread_key, ns, checkpoint_id) DO NOTHING
        """;

    private const string InsertMetadataOf = $"INSERT INTO checkpoint_metadata (thread_key, text) VALUES ({ThreadRows.Key}, ?2)";

    private const string SetMetadata = $"""
        UPDATE checkpoints SET metadata_key = ?4, step = ?5 WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id = ?3
        """;

    private const string Exists = $"SELECT 1 FROM checkpoints WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id = ?3";

    private const string InsertOutcome = $"""
        INSERT INTO task_outcomes (thread_key, ns, checkpoint_id, task_id, body)
        SELECT thread_key, ns, checkpoint_id, ?4, ?5 FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id = ?3
          AND (?6 IS NULL OR EXISTS (
              SELECT 1 FROM runs
              WHERE run_id = ?6 AND runs.thread_key = checkpoints.thread_key AND attempt = ?7 AND status = 'running'))
        ON CONFLICT (thread_key, ns, checkpoint_id, task_id) DO UPDATE SET body = excluded.body
        """;

    private const string Rewrite =
        $"UPDATE checkpoints SET body = ?4 WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id = ?3";

    private const string Prune = $"""
        DELETE FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND (ns, checkpoint_id) NOT IN (SELECT value ->> 0, unhex(value ->> 1, '-') FROM json_each(?2))
        """;

    private const string PruneOutcomes = $"""
        DELETE FROM task_outcomes
        WHERE thread_key = {ThreadRows.Key} AND (ns, checkpoint_id) NOT IN (SELECT value ->> 0, unhex(value ->> 1, '-') FROM json_each(?2))
        """;

    private const string PruneMetadata = $"""
        DELETE FROM checkpoint_metadata
        WHERE thread_key = {ThreadRows.Key} AND metadata_key NOT IN (SELECT metadata_key FROM checkpoints WHERE thread_key = {ThreadRows.Key})
        """;

    /// <summary>Returns the metadata without the words that columns store, and the step.</summary>
    public static (string Text, int Step) TextOf(CheckpointRecord checkpoint) =>
        MetadataText.OfCheckpoint(checkpoint.Metadata, checkpoint.Source, checkpoint.ThreadId.Value, checkpoint.RunId?.Value);

    /// <summary>Whether a checkpoint is stored.</summary>
    public static bool Has(StoreConnection connection, CheckpointRecord checkpoint) =>
        connection.Use(Exists)
            .Add(checkpoint.ThreadId.Value).Add(checkpoint.Namespace).Add(checkpoint.CheckpointId.Value)
            .First(row => row.Integer(0)) == 1;

    /// <summary>
    /// Inserts a checkpoint. Returns false if the attempt has lost its run or the checkpoint's parent is not stored.
    /// <paramref name="keys"/> are those of the checkpoint and its parent; null if the checkpoint was stored before.
    /// </summary>
    public static bool TryInsert(
        StoreConnection connection,
        RunAttempt? attempt,
        CheckpointRecord checkpoint,
        (string Text, int Step) metadata,
        out (long Key, long? ParentKey)? keys)
    {
        keys = null;
        var place = connection.Use(FindPlace)
            .Add(checkpoint.ThreadId.Value).Add(checkpoint.Namespace).Add(checkpoint.ParentId?.Value)
            .Add(attempt?.RunId.Value).Add(attempt?.Attempt).Add(metadata.Text)
            .First<(long Thread, long? Metadata, long? Parent)?>(
                row => (row.Integer(0), row.Integer(2) == 1 ? row.Integer(1) : null, row.IsNull(3) ? null : row.Integer(3)));
        if (place is not { } found)
        {
            return false;
        }

        if (found.Metadata is not { } metadataKey)
        {
            connection.Use(InsertMetadata).Add(found.Thread).Add(metadata.Text).Execute();
            metadataKey = connection.LastKey;
        }

        var inserted = connection.Use(Insert)
            .Add(found.Thread).Add(checkpoint.Namespace).Add(checkpoint.CheckpointId.Value).Add(checkpoint.Ordinal)
            .Add(checkpoint.ParentId?.Value).Add(checkpoint.RunId?.Value).Add(checkpoint.Source).Add(metadata.Step)
            .Add(checkpoint.CreatedAt)
            .Add(metadataKey).Add(checkpoint.Body)
            .Execute();
        if (inserted == 1)
        {
            keys = (connection.LastKey, found.Parent);
        }

        return true;
    }

    /// <summary>Replaces the metadata of a checkpoint. Returns false if it is not stored.</summary>
    public static bool TryPatch(StoreConnection connection, CheckpointRecord checkpoint, (string Text, int Step) metadata)
    {
        connection.Use(InsertMetadataOf).Add(checkpoint.ThreadId.Value).Add(metadata.Text).Execute();
        var patched = connection.Use(SetMetadata)
            .Add(checkpoint.ThreadId.Value).Add(checkpoint.Namespace).Add(checkpoint.CheckpointId.Value)
            .Add(connection.LastKey).Add(metadata.Step)
            .Execute();
        connection.Use(PruneMetadata).Add(checkpoint.ThreadId.Value).Execute();
        return patched == 1;
    }

    /// <summary>
    /// Adds or replaces an outcome. Returns false if the attempt has lost its run or the checkpoint is not stored.
    /// </summary>
    public static bool TryInsertOutcome(
        StoreConnection connection, RunAttempt? attempt, ThreadId threadId, TaskOutcomeRecord outcome) =>
        connection.Use(InsertOutcome)
        .Add(threadId.Value).Add(outcome.Namespace).Add(outcome.CheckpointId.Value).Add(outcome.TaskId).Add(outcome.Body)
        .Add(attempt?.RunId.Value).Add(attempt?.Attempt)
        .Execute() == 1;

    /// <summary>Removes all checkpoints of a thread except the given ones, and replaces their bodies.</summary>
    public static void PruneTo(StoreConnection connection, ThreadId threadId, IReadOnlyList<CheckpointRecord> kept)
    {
        MessageRows.DetachAll(connection, threadId);
        RunRows.DetachAll(connection, threadId);
        foreach (var checkpoint in kept)
        {
            connection.Use(Rewrite)
                .Add(threadId.Value).Add(checkpoint.Namespace).Add(checkpoint.CheckpointId.Value).Add(checkpoint.Body)
                .Execute();
        }

        var names = KeysJson(kept);
        connection.Use(PruneOutcomes).Add(threadId.Value).Add(names).Execute();
        connection.Use(Prune).Add(threadId.Value).Add(names).Execute();
        connection.Use(PruneMetadata).Add(threadId.Value).Execute();
    }

    private static string KeysJson(IReadOnlyList<CheckpointRecord> checkpoints) =>
        Encoding.UTF8.GetString(GraphJson.Encode(checkpoints, static (writer, checkpoints) =>
        {
            writer.WriteStartArray();
            foreach (var checkpoint in checkpoints)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(checkpoint.Namespace);
                writer.WriteStringValue(checkpoint.CheckpointId.Value);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }));
}
