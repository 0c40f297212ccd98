using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Reads the messages that runs added to their threads.</summary>
internal sealed class SqliteMessageStore(SqliteDatabase database) : IMessageStore
{
    private const string Columns = $"seq, run_id, {MessageRows.Content}, created_at";

    private const string First = $"""
        SELECT {Columns} FROM messages
        WHERE thread_key = {ThreadRows.Key} AND seq > ?2 AND seq < ?3 AND run_id = ?4
        ORDER BY seq LIMIT ?5
        """;

    private const string Last = $"""
        SELECT {Columns} FROM messages
        WHERE thread_key = {ThreadRows.Key} AND seq > ?2 AND seq < ?3 AND run_id = ?4
        ORDER BY seq DESC LIMIT ?5
        """;

    public Task<IReadOnlyList<MessageRecord>> ListByRunAsync(
        ThreadId threadId,
        RunId runId,
        int limit,
        long? beforeSeq,
        long? afterSeq,
        CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<MessageRecord>>(
        connection =>
        {
            var messages = connection.Use(afterSeq is null ? Last : First)
                .Add(threadId.Value).Add(afterSeq ?? 0).Add(beforeSeq ?? long.MaxValue).Add(runId.Value).Add(limit)
                .List(Read);
            if (afterSeq is null)
            {
                messages.Reverse();
            }

            return messages;
        },
        cancellationToken);

    private static MessageRecord Read(Statement row) => new()
    {
        Seq = row.Integer(0),
        RunId = new RunId(row.Guid(1)),
        Content = row.Bytes(2).ToArray(),
        CreatedAt = row.Time(3),
    };
}
