using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Statements on feedback that several stores use.</summary>
internal static class FeedbackRows
{
    private const string DeleteOfRun = $"DELETE FROM feedback WHERE thread_key = {ThreadRows.Key} AND run_id = ?2";
    private const string DeleteOfThread = $"DELETE FROM feedback WHERE thread_key = {ThreadRows.Key}";

    /// <summary>Removes the feedback on a run.</summary>
    public static void Remove(StoreConnection connection, ThreadId threadId, RunId runId) =>
        connection.Use(DeleteOfRun).Add(threadId.Value).Add(runId.Value).Execute();

    /// <summary>Removes the feedback on the runs of a thread.</summary>
    public static void Remove(StoreConnection connection, ThreadId threadId) =>
        connection.Use(DeleteOfThread).Add(threadId.Value).Execute();
}
