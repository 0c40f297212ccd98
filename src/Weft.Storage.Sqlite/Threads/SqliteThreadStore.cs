using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps threads.</summary>
internal sealed class SqliteThreadStore(SqliteDatabase database) : IThreadStore
{
    private const string FindThread = $"SELECT {ThreadRows.Columns} FROM threads WHERE thread_id = ?1 AND owner = ?2";

    private const string Patch = $"""
        UPDATE threads
        SET metadata = merge_members(metadata, ?3), updated_at = ?4,
            ttl = coalesce(?5, ttl), ttl_strategy = coalesce(?6, ttl_strategy), expires_at = coalesce(?4 + ?5, expires_at)
        WHERE thread_id = ?1 AND owner = ?2
        RETURNING {ThreadRows.Columns}
        """;

    private const string ListExpired = $"SELECT {ThreadRows.Columns} FROM threads WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2";

    public Task<ThreadRecord?> FindAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Use(FindThread).Add(threadId.Value).Add(actor.Id).First(ThreadRows.Read), cancellationToken);

    public Task<bool> TryCreateAsync(ThreadRecord thread, CancellationToken cancellationToken) => database.WriteAsync(
        connection => ThreadRows.TryAdd(connection, thread), cancellationToken);

    public Task<ThreadRecord?> CopyAsync(Actor actor, ThreadId threadId, ThreadId copyId, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection => ThreadCopy.Copy(connection, actor, threadId, copyId, now), cancellationToken);

    public Task<ThreadRecord?> PatchAsync(Actor actor, ThreadId threadId, string metadata, ThreadTtl? ttl, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Use(Patch)
            .Add(threadId.Value).Add(actor.Id).Add(metadata).Add(now).Add((long?)ttl?.Duration.TotalMicroseconds).Add(ttl?.Strategy.ToWire())
            .First(ThreadRows.Read),
        cancellationToken);

    public Task SetOutcomeAsync(ThreadId threadId, ThreadOutcome outcome, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            ThreadRows.SetOutcome(connection, threadId, outcome, now);
            return true;
        },
        cancellationToken);

    public Task<bool> DeleteAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) => database.WriteAsync(
        connection => ThreadRows.TryRemove(connection, threadId, actor), cancellationToken);

    public Task<IReadOnlyList<ThreadRecord>> ListExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ThreadRecord>>(connection => connection.Use(ListExpired).Add(now).Add(limit).List(ThreadRows.Read), cancellationToken);

    public Task<Page<ThreadRecord>> SearchAsync(Actor actor, ThreadQuery query, CancellationToken cancellationToken) => database.ReadAsync(
        connection => ThreadSearch.Search(connection, actor, query), cancellationToken);
}
