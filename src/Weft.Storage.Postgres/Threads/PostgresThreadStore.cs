using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Keeps threads.</summary>
internal sealed class PostgresThreadStore(PostgresDatabase database) : IThreadStore
{
    private const string FindThread = $"{ThreadRows.Select} WHERE threads.thread_id = $1 AND threads.owner = $2";

    private const string Patch = """
        WITH patched AS (
            UPDATE weft.threads
            SET metadata = coalesce($4, metadata), metadata_search = coalesce($5::jsonb, metadata_search), ttl = coalesce($7, ttl),
                ttl_strategy = coalesce($8, ttl_strategy), expires_at = coalesce($6 + $7, expires_at)
            WHERE thread_id = $1 AND owner = $2 AND ($3::text IS NULL OR metadata = $3)
            RETURNING thread_key)
        UPDATE weft.thread_standings
        SET updated_at = $6, version = version + CASE WHEN $7::bigint IS NULL THEN 0 ELSE 1 END
        FROM patched WHERE thread_standings.thread_key = ANY (ARRAY[patched.thread_key])
        """;

    private const string FindMetadata = "SELECT metadata FROM weft.threads WHERE thread_id = $1 AND owner = $2";

    private const string ListExpired = $"""
        SELECT {ThreadRows.Columns}
        FROM (SELECT * FROM weft.threads WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2) AS threads
        {ThreadRows.WithStanding}
        ORDER BY threads.expires_at
        """;

    public Task<ThreadRecord?> FindAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) => database.ReadAsync(
        async session => await session.Use(FindThread).Add(threadId.Value).Add(actor.Id).FirstAsync(ThreadRows.Read) is { } thread
            && actor.Sees(thread)
            ? thread
            : null,
        cancellationToken);

    public Task<bool> TryCreateAsync(ThreadRecord thread, CancellationToken cancellationToken) =>
        database.WriteAsync(thread.ThreadId, ThreadAdd.Kind, (thread, null), cancellationToken);

    public Task<WriteResult> CopyAsync(ThreadCopy copy, CancellationToken cancellationToken) => database.WriteAsync(
        copy.ThreadId, session => ThreadCopyRows.CopyAsync(session, copy), cancellationToken);

    public Task<WriteResult> PatchAsync(
        Actor actor,
        ThreadId threadId,
        MetadataChange? metadata,
        ThreadTtl? ttl,
        DateTimeOffset now,
        CancellationToken cancellationToken) => database.WriteAsync(
        threadId,
        async session =>
        {
            var isDone = await session.Use(Patch)
                .Add(threadId.Value).Add(actor.Id).Add(metadata?.From).Add(metadata?.To)
                .Add(metadata is null ? null : SearchableJson.Of(actor.Id, metadata.To)).Add(now)
                .Add((long?)ttl?.Duration.TotalMicroseconds).Add(ttl?.Strategy.ToWire())
                .ExecuteAsync() == 1;
            return isDone ? WriteResult.Applied
                : await session.Use(FindMetadata).Add(threadId.Value).Add(actor.Id).FirstAsync(row => row.Text(0)) is not { } stored
                    ? WriteResult.Missing
                : stored == metadata?.To ? WriteResult.Applied
                : WriteResult.Changed;
        },
        cancellationToken);

    public Task<WriteResult> DeleteAsync(
        Actor actor, ThreadId threadId, long? version, CancellationToken cancellationToken) => database.WriteAsync(
        threadId,
        Removal.Of(async session =>
        {
            var (result, threadKey) = await ThreadRows.CheckAsync(session, threadId, actor, version);
            if (result == WriteResult.Applied)
            {
                await ThreadRemoval.RemoveAsync(session, threadKey);
            }

            return result;
        }),
        cancellationToken);

    public Task<IReadOnlyList<ThreadRecord>> ListExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ThreadRecord>>(
            async session => await session.Use(ListExpired).Add(now).Add(limit).ListAsync(ThreadRows.Read), cancellationToken);

    public async Task<LazyPage<ThreadRecord>> OpenSearchAsync(Actor actor, ThreadQuery query, CancellationToken cancellationToken) =>
        actor.Scope is { Threads.Alternatives.Count: 0 }
            ? new LazyPage<ThreadRecord>([])
            : ThreadSearch.PageOf(database, actor, query, await database.SearchAsync(
                session => ThreadSearch.SearchAsync(session, actor, query), cancellationToken));
}
