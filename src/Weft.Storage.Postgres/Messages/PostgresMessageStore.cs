using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Reads the messages that runs added to their threads.</summary>
internal sealed class PostgresMessageStore(PostgresDatabase database) : IMessageStore
{
    private const string Messages = $"""
        SELECT seq, run_id, {MessageRows.Content}, created_at FROM weft.messages
        WHERE thread_key = {ThreadRows.Key} AND seq > $2 AND seq < $3 AND run_id = $4
        """;

    private const string First = $"{Messages} ORDER BY seq LIMIT $5";
    private const string Last = $"{Messages} ORDER BY seq DESC LIMIT $5";

    public Task<IReadOnlyList<MessageRecord>> ListByRunAsync(
        ThreadId threadId,
        RunId runId,
        int limit,
        long? beforeSeq,
        long? afterSeq,
        CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<MessageRecord>>(
        async session =>
        {
            var messages = await session.Use(afterSeq is null ? Last : First)
                .Add(threadId.Value).Add(afterSeq ?? 0).Add(beforeSeq ?? long.MaxValue).Add(runId.Value).Add(limit)
                .ListAsync(Read);
            if (afterSeq is null)
            {
                messages.Reverse();
            }

            return messages;
        },
        cancellationToken);

    private static MessageRecord Read(Row row) => new()
    {
        Seq = row.Integer(0),
        RunId = new RunId(row.Guid(1)),
        Content = row.Bytes(2),
        CreatedAt = row.Time(3),
    };
}
