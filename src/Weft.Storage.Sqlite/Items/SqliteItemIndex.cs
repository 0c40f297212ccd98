using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps the vectors of items next to them.</summary>
internal sealed class SqliteItemIndex(SqliteDatabase database, SqliteStorageOptions options) : IItemIndex
{
    private readonly VectorCache _cache = new(options.CachedVectorsBytesMax);

    public Task<UnindexedItems> ListUnindexedAsync(
        string space, long after, int limit, DateTimeOffset now, CancellationToken cancellationToken) => database.ReadAsync(
        connection => ItemSearch.InOneSnapshot(connection, () => ItemVectorRows.List(connection, space, after, limit, now)),
        cancellationToken);

    public Task<Item?> FindUnindexedAsync(
        string space, Actor actor, ItemNamespace ns, string key, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => ItemVectorRows.Find(connection, space, actor.Id, ns, key, now), cancellationToken);

    public Task AddAsync(string space, IReadOnlyList<ItemEntry> entries, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            ItemVectorRows.Add(connection, space, entries);
            return true;
        },
        cancellationToken);

    public Task<LazyPage<Item>> OpenSearchAsync(
        Actor actor,
        StoreOptions options,
        TimeProvider time,
        ItemNamespace prefix,
        ItemQuery query,
        ItemVector vector,
        CancellationToken cancellationToken) =>
        new SqliteStore(database, actor.Id, options, time).OpenSearchAsync(prefix, query, vector, _cache, cancellationToken);
}
