using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Statements on the stored logs of threads that several stores use. Migration 0020 describes the table.</summary>
internal static class ThreadEventRows
{
    /// <summary>The condition for the events of the run whose thread is ?1 and whose place among the started runs is ?2.</summary>
    public const string IsOfRun = "thread_key = ?1 AND seq >= ?2 << 33 AND seq < (?2 + 1) << 33";

    // A block that is repeated replaces itself, so that a repetition counts as a change too.
    private const string Write = """
        INSERT INTO thread_events (thread_key, seq, last_seq, run_id, data, created_at, format)
        SELECT thread_key, (begun << 33) + ?3, (begun << 33) + ?4, run_id, ?5, ?6, ?7 FROM runs
        WHERE run_id = ?1 AND begun > 0
        """;

    private const string OrReplace = """

        ON CONFLICT DO UPDATE
        SET last_seq = excluded.last_seq, data = excluded.data, created_at = excluded.created_at, format = excluded.format
        """;

    private const string AppendToRunning = $"{Write} AND attempt = ?2 AND status = 'running'{OrReplace}";
    private const string AppendToEnded = $"{Write} AND ?2 IS NULL{OrReplace}";
    private const string FindPlace = "SELECT thread_key, begun FROM runs WHERE run_id = ?1 AND begun > 0";
    private const string DeleteOfRun = $"DELETE FROM thread_events WHERE {IsOfRun} RETURNING last_seq - seq + 1";
    private const string DeleteOfThread = $"DELETE FROM thread_events WHERE thread_key = {ThreadRows.Key}";

    /// <summary>Returns where the log of a run is; null if the run does not exist or has not started.</summary>
    public static (long ThreadKey, long StartOrder)? PlaceOf(StoreConnection connection, RunId runId) =>
        connection.Use(FindPlace).Add(runId.Value).First<(long, long)?>(row => (row.Integer(0), row.Integer(1)));

    /// <summary>Appends to the log of a run. Returns false if the attempt does not own the run.</summary>
    public static bool TryAppend(StoreConnection connection, RunAttempt attempt, IReadOnlyList<StreamBlock> events) =>
        events.Count > 0
            ? events.All(block => Add(connection.Use(AppendToRunning).Add(attempt.RunId.Value).Add(attempt.Attempt), block) == 1)
            : RunRows.IsOwner(connection, attempt);

    /// <summary>Appends the last events of a run. A run that ends without having started has no log.</summary>
    public static void AppendLast(StoreConnection connection, RunId runId, IReadOnlyList<StreamBlock> events)
    {
        foreach (var block in events)
        {
            Add(connection.Use(AppendToEnded).Add(runId.Value).Add((long?)null), block);
        }
    }

    /// <summary>Removes the log of a run. Returns the number of events.</summary>
    public static int Remove(StoreConnection connection, (long ThreadKey, long StartOrder) place) =>
        connection.Use(DeleteOfRun).Add(place.ThreadKey).Add(place.StartOrder).List(static row => (int)row.Integer(0)).Sum();

    /// <summary>Removes the logs of a thread.</summary>
    public static void Remove(StoreConnection connection, ThreadId threadId) =>
        connection.Use(DeleteOfThread).Add(threadId.Value).Execute();

    private static int Add(Statement statement, StreamBlock block) =>
        statement.Add(block.FirstSeq).Add(block.LastSeq).Add(block.Data).Add(block.CreatedAt).Add(block.Format).Execute();
}
