using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Appends to the stored streams of runs, with or without a run's end.</summary>
internal static class StreamEventRows
{
    private const string Insert = """
        INSERT INTO stream_events (run_id, seq, event, data, created_at, base, format) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT DO NOTHING
        """;

    public static void Append(StoreConnection connection, RunId runId, IReadOnlyList<StreamEventRecord> events)
    {
        foreach (var entry in events)
        {
            connection.Use(Insert)
                .Add(runId.Value).Add(entry.Seq).Add(entry.Event).Add(entry.Data).Add(entry.CreatedAt)
                .Add(entry.Base?.ToString()).Add(entry.Format).Execute();
        }
    }
}
