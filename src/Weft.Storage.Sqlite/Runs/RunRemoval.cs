using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Removes a run and everything that it stored.</summary>
internal static class RunRemoval
{
    private const string DeleteRun = $"""
        DELETE FROM runs
        WHERE thread_key = {ThreadRows.Key} AND run_id = ?2
          AND CASE WHEN ?3 IS NULL THEN status <> 'running' ELSE status = 'running' AND attempt = ?3 END
        """;

    private const string FindRun = $"SELECT 1 FROM runs WHERE thread_key = {ThreadRows.Key} AND run_id = ?2";

    private const string HideCheckpoints = $"UPDATE checkpoints SET hidden = 1 WHERE thread_key = {ThreadRows.Key} AND run_id = ?2";

    private const string DeleteOutcomes = $"""
        DELETE FROM task_outcomes
        WHERE thread_key = {ThreadRows.Key}
          AND (ns, checkpoint_id) IN (SELECT ns, checkpoint_id FROM checkpoints WHERE thread_key = {ThreadRows.Key} AND run_id = ?2)
        """;

    // A hidden checkpoint, of this run or of one that was removed before, is deleted if no later checkpoint can refer
    // to it. So the ordinals of hidden checkpoints are below that of the head, and those after the head are free.
    private const string DeleteUnreferenced = $"""
        WITH shown AS MATERIALIZED (
            SELECT ns, max(checkpoint_id) AS last_id FROM checkpoints
            WHERE thread_key = {ThreadRows.Key} AND NOT hidden
            GROUP BY ns)
        DELETE FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND hidden
          AND checkpoint_id > coalesce((SELECT last_id FROM shown WHERE shown.ns = checkpoints.ns), x'')
        """;

    public static WriteResult Remove(StoreConnection connection, RunKey run, int? attempt)
    {
        var (threadId, runId) = (run.ThreadId, run.RunId);
        var log = ThreadEventRows.PlaceOf(connection, runId);
        if (connection.Use(DeleteRun).Add(threadId.Value).Add(runId.Value).Add(attempt).Execute() == 0)
        {
            var exists = connection.Use(FindRun).Add(threadId.Value).Add(runId.Value).First(row => row.Integer(0)) == 1;
            return exists ? WriteResult.Busy : WriteResult.Missing;
        }

        if (connection.Use(HideCheckpoints).Add(threadId.Value).Add(runId.Value).Execute() > 0)
        {
            connection.Use(DeleteOutcomes).Add(threadId.Value).Add(runId.Value).Execute();
            connection.Use(DeleteUnreferenced).Add(threadId.Value).Execute();
        }

        MessageRows.Remove(connection, threadId, runId);
        FeedbackRows.Remove(connection, threadId, runId);
        WebhookRows.RemoveEnded(connection, runId);
        if (log is { } place)
        {
            ThreadEventRows.Remove(connection, place);
        }

        return WriteResult.Applied;
    }
}
