using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Reads the event logs of threads.</summary>
internal sealed class SqliteRunEventStore(SqliteDatabase database) : IRunEventStore
{
    private const string Columns = $"seq, run_id, category, type, {RunEventRows.Content}, metadata, created_at";

    private const string FirstMessages = $"""
        SELECT {Columns} FROM run_events
        WHERE thread_key = {ThreadRows.Key} AND seq > ?2 AND seq < ?3 AND run_id = ?4 AND category = 'message'
        ORDER BY seq LIMIT ?5
        """;

    private const string LastMessages = $"""
        SELECT {Columns} FROM run_events
        WHERE thread_key = {ThreadRows.Key} AND seq > ?2 AND seq < ?3 AND run_id = ?4 AND category = 'message'
        ORDER BY seq DESC LIMIT ?5
        """;

    public Task<IReadOnlyList<RunEventRecord>> ListMessagesByRunAsync(
        ThreadId threadId,
        RunId runId,
        int limit,
        long? beforeSeq,
        long? afterSeq,
        CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<RunEventRecord>>(
        connection =>
        {
            var messages = connection.Use(afterSeq is null ? LastMessages : FirstMessages)
                .Add(threadId.Value).Add(afterSeq ?? 0).Add(beforeSeq ?? long.MaxValue).Add(runId.Value).Add(limit)
                .List(Read);
            if (afterSeq is null)
            {
                messages.Reverse();
            }

            return messages;
        },
        cancellationToken);

    private static RunEventRecord Read(Statement row) => new()
    {
        Seq = row.Integer(0),
        RunId = new RunId(row.Guid(1)),
        Category = ColumnEnums.Category(row.Bytes(2)),
        Type = row.Text(3),
        Content = row.Bytes(4).ToArray(),
        Metadata = row.Text(5),
        CreatedAt = row.Time(6),
    };
}
