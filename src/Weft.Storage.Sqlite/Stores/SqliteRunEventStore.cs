using Microsoft.Data.Sqlite;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

internal sealed class SqliteRunEventStore(SqliteDatabase database) : IRunEventStore
{
    private const string Insert = "INSERT INTO run_events (run_id, category, type, content, metadata, created_at) VALUES ($1, $2, $3, $4, $5, $6)";

    private const string Select =
        "SELECT seq, run_id, type, content, metadata, created_at FROM run_events WHERE run_id = $1 AND category = 'message' AND ($2 IS NULL OR seq < $2) AND ($3 IS NULL OR seq > $3) ORDER BY seq ";

    public Task<IReadOnlyList<RunEventRecord>> ListMessagesByRunAsync(
        ThreadId threadId, RunId runId, int limit, long? beforeSeq, long? afterSeq, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<RunEventRecord>>(
            session =>
            {
                if (afterSeq is not null)
                {
                    return session[Select + "ASC LIMIT $4"].List(Read, Columns.Of(runId), beforeSeq, afterSeq, limit);
                }

                var last = session[Select + "DESC LIMIT $4"].List(Read, Columns.Of(runId), beforeSeq, null, limit);
                last.Reverse();
                return last;
            },
            cancellationToken);

    internal static void Append(SqliteSession session, RunEventRecord added) => session[Insert].Execute(
        Columns.Of(added.RunId), CategoryOf(added.Category), added.Type, Columns.Of(added.Content), added.Metadata, Columns.Of(added.CreatedAt));

    private static string CategoryOf(RunEventCategory category) => category switch
    {
        RunEventCategory.Message => "message",
        RunEventCategory.Trace => "trace",
        _ => "lifecycle",
    };

    private static RunEventRecord Read(SqliteDataReader row) => new()
    {
        Seq = row.GetInt64(0),
        RunId = new RunId(row.Uuid(1)),
        Category = RunEventCategory.Message,
        Type = row.GetString(2),
        Content = row.Bytes(3),
        Metadata = row.GetString(4),
        CreatedAt = row.Time(5),
    };
}
