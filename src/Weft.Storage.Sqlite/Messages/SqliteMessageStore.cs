using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Reads the messages that runs added to their threads.</summary>
internal sealed class SqliteMessageStore(SqliteDatabase database) : IMessageStore
{
    private const string Columns = $"seq, run_id, {MessageRows.Content}, created_at";

    private const string First = $"""
        SELECT seq FROM messages
        WHERE thread_key = {ThreadRows.Key} AND seq > ?2 AND seq < ?3 AND run_id = ?4
        ORDER BY seq LIMIT ?5
        """;

    private const string Last = $"""
        SELECT seq FROM messages
        WHERE thread_key = {ThreadRows.Key} AND seq > ?2 AND seq < ?3 AND run_id = ?4
        ORDER BY seq DESC LIMIT ?5
        """;

    private const string FindMessage =
        $"SELECT {Columns} FROM messages WHERE thread_key = {ThreadRows.Key} AND seq = ?2 AND run_id = ?3";

    public async Task<LazyPage<MessageRecord>> OpenByRunAsync(
        ThreadId threadId,
        RunId runId,
        int limit,
        long? beforeSeq,
        long? afterSeq,
        CancellationToken cancellationToken)
    {
        MessageRecord? Find(StoreConnection connection, long seq) =>
            connection.Use(FindMessage).Add(threadId.Value).Add(seq).Add(runId.Value).First(Read);

        var found = await database.ReadAsync(
            connection => ItemSearch.InOneSnapshot(connection, () =>
            {
                var keys = connection.Use(afterSeq is null ? Last : First)
                    .Add(threadId.Value).Add(afterSeq ?? 0).Add(beforeSeq ?? long.MaxValue).Add(runId.Value).Add(limit)
                    .List(static row => row.Integer(0));
                if (afterSeq is null)
                {
                    keys.Reverse();
                }

                var page = new PageRows<MessageRecord>(RowSizes.Of);
                foreach (var seq in keys)
                {
                    if (page.IsFull)
                    {
                        page.AddKey(seq);
                    }
                    else
                    {
                        page.Add(Find(connection, seq)!);
                    }
                }

                return page;
            }),
            cancellationToken);
        return LazyRows.Of(database, found, (connection, row) => Find(connection, row.Key));
    }

    private static MessageRecord Read(Statement row) => new()
    {
        Seq = row.Integer(0),
        RunId = new RunId(row.Guid(1)),
        Content = row.Bytes(2).ToArray(),
        CreatedAt = row.Time(3),
    };
}
