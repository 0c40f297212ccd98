using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Removes a run and everything that it stored.</summary>
internal static class RunRemoval
{
    private const string Lock = $"""
        SELECT run_key, thread_key, begun, attempt, status FROM weft.runs
        WHERE run_id = $2 AND thread_key = {ThreadRows.Key} FOR UPDATE
        """;

    private const string Delete = """
        WITH deleted AS (DELETE FROM weft.runs WHERE run_key = $1 RETURNING run_key)
        DELETE FROM weft.run_inputs USING deleted WHERE run_inputs.run_key = ANY (ARRAY[deleted.run_key])
        """;

    public static async Task<(WriteResult Result, long ThreadKey)> RemoveAsync(Session session, RunKey run, int? attempt)
    {
        var runId = run.RunId.Value;
        var stored = await session.Use(Lock).Add(run.ThreadId.Value).Add(runId).FirstAsync<StoredRun?>(row => new StoredRun(
            row.Integer(0), row.Integer(1), (int)row.Integer(2), (int)row.Integer(3), row.Text(4) == RunStatus.Running.ToWire()));
        if (stored is not { } found)
        {
            return (WriteResult.Missing, 0);
        }

        if (attempt is { } number ? !found.IsRunning || found.Attempt != number : found.IsRunning)
        {
            return (WriteResult.Busy, found.ThreadKey);
        }

        // The attempt keeps other servers from a run. Without one, the home does, which knows whether another run builds on this one.
        if (attempt is null && await ThreadHomeRows.IsElsewhereAsync(session, found.ThreadKey))
        {
            return (WriteResult.Busy, found.ThreadKey);
        }

        await session.Use(Delete).Add(found.Key).ExecuteAsync();
        await CheckpointRemoval.RemoveOfRunAsync(session, found.ThreadKey, runId);
        await MessageRows.RemoveOfRunAsync(session, found.ThreadKey, runId);
        await FeedbackRows.RemoveAsync(session, found.ThreadKey, runId);
        await WebhookRows.RemoveEndedAsync(session, run.RunId);
        if (found.Begun > 0)
        {
            await StreamBlockRows.RemoveOfRunAsync(session, found.ThreadKey, found.Begun);
        }

        return (WriteResult.Applied, found.ThreadKey);
    }

    private sealed record StoredRun(long Key, long ThreadKey, int Begun, int Attempt, bool IsRunning);
}
