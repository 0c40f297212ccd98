using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Statements on the stored logs of threads that several stores use. Migration 0014 describes the table.</summary>
internal static class ThreadEventRows
{
    /// <summary>The condition for the events of the run whose thread is ?1 and whose place among the started runs is ?2.</summary>
    public const string IsOfRun = "thread_key = ?1 AND seq >= ?2 << 33 AND seq < (?2 + 1) << 33";

    private const string Insert = """
        INSERT INTO thread_events (thread_key, seq, run_id, event, data, created_at, base, format)
        VALUES (?1, (?2 << 33) + ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT DO NOTHING
        """;

    private const string FindPlace = "SELECT thread_key, begun FROM runs WHERE run_id = ?1 AND begun > 0";
    private const string DeleteOfRun = $"DELETE FROM thread_events WHERE {IsOfRun}";
    private const string DeleteOfThread = $"DELETE FROM thread_events WHERE thread_key = {ThreadRows.Key}";

    /// <summary>Returns where the log of a run is; null if the run does not exist or has not started.</summary>
    public static (long ThreadKey, long StartOrder)? PlaceOf(StoreConnection connection, RunId runId) =>
        connection.Use(FindPlace).Add(runId.Value).First<(long, long)?>(row => (row.Integer(0), row.Integer(1)));

    /// <summary>Appends to the log of a run. A run that ends without having started has none.</summary>
    public static void Append(StoreConnection connection, RunId runId, IReadOnlyList<StreamEventRecord> events)
    {
        if (events.Count == 0 || PlaceOf(connection, runId) is not { } place)
        {
            return;
        }

        foreach (var entry in events)
        {
            connection.Use(Insert)
                .Add(place.ThreadKey).Add(place.StartOrder).Add(entry.Seq).Add(runId.Value)
                .Add(entry.Event).Add(entry.Data).Add(entry.CreatedAt).Add(entry.Base?.ToString()).Add(entry.Format)
                .Execute();
        }
    }

    /// <summary>Removes the log of a run. Returns the number of events.</summary>
    public static int Remove(StoreConnection connection, (long ThreadKey, long StartOrder) place) =>
        connection.Use(DeleteOfRun).Add(place.ThreadKey).Add(place.StartOrder).Execute();

    /// <summary>Removes the logs of a thread.</summary>
    public static void Remove(StoreConnection connection, ThreadId threadId) =>
        connection.Use(DeleteOfThread).Add(threadId.Value).Execute();
}
