namespace Weft.Storage.Postgres;

/// <summary>Statements on feedback that several stores use.</summary>
/// <remarks>
/// Feedback is added while its run is locked. So the runs are deleted or locked before their feedback is removed: then no feedback is
/// added after the removal.
/// </remarks>
internal static class FeedbackRows
{
    private const string DeleteOfRun = "DELETE FROM weft.feedback WHERE thread_key = $1 AND run_id = $2";

    /// <summary>Removes the feedback on a run.</summary>
    public static Task RemoveAsync(Session session, long threadKey, Guid runId) =>
        session.Use(DeleteOfRun).Add(threadKey).Add(runId).ExecuteAsync();
}
