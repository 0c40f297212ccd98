using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Removes rows of checkpoints and of the outcomes of their tasks.</summary>
internal static class CheckpointRemoval
{
    private const string DeleteOutcomesOfRun = """
        DELETE FROM weft.task_outcomes USING weft.checkpoints
        WHERE checkpoints.thread_key = $1 AND checkpoints.run_id = $2
            AND task_outcomes.thread_key = $1 AND task_outcomes.ns = checkpoints.ns
            AND task_outcomes.checkpoint_id = checkpoints.checkpoint_id
        """;

    // A checkpoint of this run, or of one that was removed before, is deleted if no later checkpoint can refer to it. So the
    // ordinals of hidden checkpoints are below that of the head, and those after the head are free.
    private const string DeleteUnreferenced = """
        WITH ordered AS (
            SELECT
                ns, checkpoint_id,
                bool_or(NOT hidden AND run_id IS DISTINCT FROM $2) OVER (PARTITION BY ns ORDER BY checkpoint_id DESC) AS is_referenced
            FROM weft.checkpoints WHERE thread_key = $1)
        DELETE FROM weft.checkpoints USING ordered
        WHERE checkpoints.thread_key = $1 AND checkpoints.ns = ordered.ns AND checkpoints.checkpoint_id = ordered.checkpoint_id
            AND NOT ordered.is_referenced
        """;

    private const string Hide = "UPDATE weft.checkpoints SET hidden = true WHERE thread_key = $1 AND run_id = $2 AND NOT hidden";

    private const string Rewrite = """
        UPDATE weft.checkpoints SET body = kept.body
        FROM unnest($2::text[], $3::uuid[], $4::bytea[]) AS kept (ns, checkpoint_id, body)
        WHERE checkpoints.thread_key = $1 AND checkpoints.ns = kept.ns AND checkpoints.checkpoint_id = kept.checkpoint_id
        """;

    private const string IsNotKept = """
        thread_key = $1 AND NOT EXISTS (
            SELECT FROM unnest($2::text[], $3::uuid[]) AS kept (ns, checkpoint_id)
            WHERE kept.ns = pruned.ns AND kept.checkpoint_id = pruned.checkpoint_id)
        """;

    private const string Prune = $"DELETE FROM weft.checkpoints AS pruned WHERE {IsNotKept}";
    private const string PruneOutcomes = $"DELETE FROM weft.task_outcomes AS pruned WHERE {IsNotKept}";

    private const string PruneMetadata = """
        DELETE FROM weft.checkpoint_metadata
        WHERE thread_key = $1 AND NOT EXISTS (
            SELECT FROM weft.checkpoints WHERE checkpoints.thread_key = $1 AND checkpoints.metadata_key = checkpoint_metadata.metadata_key)
        """;

    /// <summary>Hides the checkpoints of a run, or removes them, and removes the outcomes of their tasks.</summary>
    public static async Task RemoveOfRunAsync(Session session, long threadKey, Guid runId)
    {
        await session.Use(DeleteOutcomesOfRun).Add(threadKey).Add(runId).ExecuteAsync();
        await session.Use(DeleteUnreferenced).Add(threadKey).Add(runId).ExecuteAsync();
        await session.Use(Hide).Add(threadKey).Add(runId).ExecuteAsync();
    }

    /// <summary>Removes all checkpoints of a thread except the given ones, and replaces their bodies.</summary>
    public static async Task PruneToAsync(Session session, long threadKey, IReadOnlyList<CheckpointRecord> kept)
    {
        await MessageRows.DetachAllAsync(session, threadKey);
        var namespaces = kept.Select(static checkpoint => checkpoint.Namespace).ToArray();
        var ids = kept.Select(static checkpoint => checkpoint.CheckpointId.Value).ToArray();
        var bodies = kept.Select(static checkpoint => checkpoint.Body).ToArray();
        await session.Use(Rewrite).Add(threadKey).Add(namespaces).Add(ids).Add(bodies).ExecuteAsync();
        await session.Use(PruneOutcomes).Add(threadKey).Add(namespaces).Add(ids).ExecuteAsync();
        await session.Use(Prune).Add(threadKey).Add(namespaces).Add(ids).ExecuteAsync();
        await PruneMetadataAsync(session, threadKey);
    }

    /// <summary>Removes texts of metadata that no checkpoint of the thread has.</summary>
    public static Task PruneMetadataAsync(Session session, long threadKey) => session.Use(PruneMetadata).Add(threadKey).ExecuteAsync();
}
