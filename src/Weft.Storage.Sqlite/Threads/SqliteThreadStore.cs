using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps threads.</summary>
internal sealed class SqliteThreadStore(SqliteDatabase database) : IThreadStore
{
    private const string FindThread = $"SELECT {ThreadRows.Columns} FROM threads WHERE thread_id = ?1 AND owner = ?2";

    private const string Patch = """
        UPDATE threads
        SET metadata = coalesce(?4, metadata), updated_at = ?5, ttl = coalesce(?6, ttl), ttl_strategy = coalesce(?7, ttl_strategy),
            expires_at = coalesce(?5 + ?6, expires_at), version = version + (?6 IS NOT NULL)
        WHERE thread_id = ?1 AND owner = ?2 AND (?3 IS NULL OR metadata = ?3)
        """;

    private const string ListExpired = $"SELECT {ThreadRows.Columns} FROM threads WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2";

    public Task<ThreadRecord?> FindAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Use(FindThread).Add(threadId.Value).Add(actor.Id).First(ThreadRows.Read) is { } thread
            && actor.Sees(thread)
            ? thread
            : null,
        cancellationToken);

    public Task<bool> TryCreateAsync(ThreadRecord thread, CancellationToken cancellationToken) => database.WriteAsync(
        connection => ThreadRows.TryAdd(connection, thread), cancellationToken);

    public Task<WriteResult> CopyAsync(ThreadCopy copy, CancellationToken cancellationToken) => database.WriteAsync(
        connection => ThreadCopyRows.Copy(connection, copy), cancellationToken);

    public Task<WriteResult> PatchAsync(
        Actor actor,
        ThreadId threadId,
        MetadataChange? metadata,
        ThreadTtl? ttl,
        DateTimeOffset now,
        CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var isDone = connection.Use(Patch)
                .Add(threadId.Value).Add(actor.Id).Add(metadata?.From).Add(metadata?.To).Add(now)
                .Add((long?)ttl?.Duration.TotalMicroseconds).Add(ttl?.Strategy.ToWire())
                .Execute() == 1;
            if (isDone && metadata is { } change)
            {
                ThreadMetadataRows.Change(connection, threadId.Value, change.From, change.To);
            }

            return isDone ? WriteResult.Applied
                : connection.Use(FindThread)
                    .Add(threadId.Value).Add(actor.Id).First(ThreadRows.Read) is not { } stored ? WriteResult.Missing
                : stored.Metadata == metadata?.To ? WriteResult.Applied
                : WriteResult.Changed;
        },
        cancellationToken);

    public Task<WriteResult> DeleteAsync(
        Actor actor, ThreadId threadId, long? version, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var result = ThreadRows.Check(connection, threadId, actor, version);
            if (result == WriteResult.Applied)
            {
                ThreadRows.Remove(connection, threadId);
            }

            return result;
        },
        cancellationToken);

    public Task<IReadOnlyList<ThreadRecord>> ListExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ThreadRecord>>(
            connection => connection.Use(ListExpired).Add(now).Add(limit).List(ThreadRows.Read), cancellationToken);

    public async Task<LazyPage<ThreadRecord>> OpenSearchAsync(Actor actor, ThreadQuery query, CancellationToken cancellationToken)
    {
        var found = await database.ReadOrScanAsync(
            (connection, budget) => ThreadSearch.Search(connection, actor, query, budget), cancellationToken);
        return LazyRows.Of(database, found, (connection, row) => ThreadSearch.FindLater(connection, actor, query, row));
    }
}
