using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Reads the messages that runs added to their threads.</summary>
internal sealed class PostgresMessageStore(PostgresDatabase database) : IMessageStore
{
    private const string Columns = $"seq, run_id, {MessageRows.Content}, created_at";

    private const int ColumnCount = 4;

    private const string Messages = $"""
        SELECT {Columns} FROM weft.messages
        WHERE thread_key = {ThreadRows.Key} AND seq > $2 AND seq < $3 AND run_id = $4
        """;

    private const string First = $"{Messages} ORDER BY seq LIMIT $5";
    private const string Last = $"""
        SELECT {Columns}
        FROM (
            SELECT * FROM weft.messages
            WHERE thread_key = {ThreadRows.Key} AND seq > $2 AND seq < $3 AND run_id = $4
            ORDER BY seq DESC LIMIT $5) AS messages
        ORDER BY seq
        """;

    private const string ListLater = $"""
        SELECT {Columns}, chosen.place
        FROM unnest($1::bigint[]) WITH ORDINALITY AS chosen (message_seq, place)
        CROSS JOIN LATERAL (
            SELECT * FROM weft.messages AS found
            WHERE found.thread_key = (SELECT thread_key FROM weft.threads WHERE thread_id = $2)
                AND found.seq = chosen.message_seq AND found.run_id = $3
            LIMIT 1) AS messages
        ORDER BY chosen.place
        """;

    public async Task<LazyPage<MessageRecord>> OpenByRunAsync(
        ThreadId threadId,
        RunId runId,
        int limit,
        long? beforeSeq,
        long? afterSeq,
        CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            session => new PageRows<MessageRecord>(RowSizes.Of).AddAsync(
                session.Use(afterSeq is null ? Last : First)
                    .Add(threadId.Value).Add(afterSeq ?? 0).Add(beforeSeq ?? long.MaxValue).Add(runId.Value).Add(limit),
                Read,
                keyColumn: 0),
            cancellationToken);
        return LazyRows.Of(
            database, found, ListLater, ColumnCount, Read, statement => statement.Add(threadId.Value).Add(runId.Value));
    }

    private static MessageRecord Read(Row row) => new()
    {
        Seq = row.Integer(0),
        RunId = new RunId(row.Guid(1)),
        Content = row.Bytes(2),
        CreatedAt = row.Time(3),
    };
}
