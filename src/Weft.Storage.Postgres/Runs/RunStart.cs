using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Starts attempts of runs, and counts those that crashed.</summary>
internal static class RunStart
{
    // The lock on the run is the fence: statements that write for an attempt hold it until their commit, and later ones see the new
    // attempt. With the lock on the standing, of two starts on a thread the second sees the first, and a server that is not the
    // thread's home any more starts nothing.
    private const string Lock = $"""
        WITH run AS MATERIALIZED (
            SELECT thread_key FROM weft.runs WHERE run_id = $2 AND thread_key = {ThreadRows.Key} FOR UPDATE)
        SELECT 1 FROM run
        CROSS JOIN LATERAL (
            SELECT home FROM weft.thread_standings WHERE thread_standings.thread_key = run.thread_key FOR UPDATE) AS standing
        WHERE standing.home IS NOT DISTINCT FROM $3
        """;

    // A server of a cluster may not know all runs that wait. It does not start one that was created after them.
    private const string IsFirst = """
        (runs.status = 'running' OR $4::integer IS NULL OR (
            SELECT true FROM weft.runs AS earlier
            WHERE earlier.thread_key = runs.thread_key AND earlier.status = 'pending' AND earlier.run_key < runs.run_key
                AND earlier.not_before IS NULL LIMIT 1) IS NULL)
        """;

    private const string WhereNext = "run_id = $1 AND attempt = $2 - 1 AND status IN ('pending', 'running')";

    private const string Start = $"""
        WITH started AS (
            UPDATE weft.runs
            SET status = 'running', attempt = $2, updated_at = $3, started_at = coalesce(started_at, $3), server = $4,
                begun = CASE begun
                    WHEN 0 THEN (SELECT begun + 1 FROM weft.thread_standings WHERE thread_standings.thread_key = runs.thread_key)
                    ELSE begun END
            WHERE {WhereNext} AND {IsFirst} AND (
                SELECT other.run_id FROM weft.runs AS other
                WHERE other.thread_key = runs.thread_key AND other.status = 'running' AND other.run_id <> $1 LIMIT 1) IS NULL
            RETURNING thread_key, begun)
        UPDATE weft.thread_standings
        SET status = 'busy', updated_at = CASE WHEN status = 'busy' THEN updated_at ELSE $3 END, version = version + 1,
            begun = greatest(thread_standings.begun, started.begun)
        FROM started WHERE thread_standings.thread_key = ANY (ARRAY[started.thread_key])
        """;

    // The number of rows that the thread has. While a run executes, only that run adds rows: no other run executes, and
    // no edit is made.
    private const string Work = """
        (SELECT count(*) FROM weft.checkpoints WHERE checkpoints.thread_key = runs.thread_key)
        + (SELECT count(*) FROM weft.task_outcomes WHERE task_outcomes.thread_key = runs.thread_key)
        """;

    // Before its first attempt a run has stored nothing, so the first attempt needs no mark.
    private const string Crashes = $"CASE WHEN work_at_start = {Work} THEN crashes + 1 ELSE 1 END";

    private const string CountCrashes = $"SELECT {Crashes} FROM weft.runs WHERE run_id = $2 AND thread_key = {ThreadRows.Key}";

    private const string MarkWork = $"""
        UPDATE weft.runs
        SET crashes = CASE WHEN status = 'running' THEN {Crashes} WHEN work_at_start = {Work} THEN crashes ELSE 0 END,
            work_at_start = {Work}
        WHERE {WhereNext}
        """;

    private const string FindStarted = """
        SELECT begun FROM (SELECT begun, attempt, status, updated_at FROM weft.runs WHERE run_id = $1 LIMIT 1) AS run
        WHERE attempt = $2 AND status = 'running' AND updated_at = $3
        """;

    public static async Task<long?> TryStartAsync(Session session, RunAttempt attempt, DateTimeOffset now)
    {
        var (runId, number) = (attempt.RunId.Value, attempt.Attempt);
        if (await session.Use(Lock).Add(attempt.ThreadId.Value).Add(runId).AddServer().FirstAsync(row => row.Integer(0)) != 1)
        {
            return null;
        }

        if (number > 1)
        {
            await session.Use(MarkWork).Add(runId).Add(number).ExecuteAsync();
        }

        await session.Use(Start).Add(runId).Add(number).Add(now).AddServer().ExecuteAsync();
        return await session.Use(FindStarted).Add(runId).Add(number).Add(now).FirstAsync<long?>(row => row.Integer(0));
    }

    public static Task<int> CountCrashesAsync(Session session, RunKey run) =>
        session.Use(CountCrashes).Add(run.ThreadId.Value).Add(run.RunId.Value).FirstAsync(row => (int)row.Integer(0));
}
