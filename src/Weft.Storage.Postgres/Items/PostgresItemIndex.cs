using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Keeps the vectors of items next to them. They are ranked in the database if it has pgvector, else in memory.
/// </summary>
internal sealed class PostgresItemIndex(
    PostgresDatabase database, VectorExtension extension, VectorCache cache, ScanThreads? scans) : IItemIndex
{
    private readonly MemoryRanking _inMemory = new(database, cache, scans);
    private readonly ExtensionRanking _inDatabase = new(database, extension);

    public async Task<UnindexedItems> ListUnindexedAsync(
        string space, long after, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (after == 0)
        {
            // A pass over the items of the space begins.
            var key = await database.ReadAsync(session => ItemVectorRows.FindSpaceAsync(session, space), cancellationToken);
            await extension.EnsureIndexAsync(key, cancellationToken);
        }

        return await database.SearchAsync(
            session => ItemVectorRows.ListAsync(session, space, after, limit, now), cancellationToken);
    }

    public Task<Item?> FindUnindexedAsync(
        string space, Actor actor, ItemNamespace ns, string key, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(session => ItemVectorRows.FindAsync(session, space, actor.Id, ns, key, now), cancellationToken);

    public async Task AddAsync(string space, IReadOnlyList<ItemEntry> entries, CancellationToken cancellationToken)
    {
        var key = await database.WriteAsync(session => ItemVectorRows.AddAsync(session, space, entries), cancellationToken);
        await extension.EnsureIndexAsync(key, cancellationToken);
    }

    public async Task<LazyPage<Item>> OpenSearchAsync(
        Actor actor,
        StoreOptions options,
        TimeProvider time,
        ItemNamespace prefix,
        ItemQuery query,
        ItemVector vector,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var space = await database.ReadAsync(session => ItemVectorRows.FindSpaceAsync(session, vector.Space), cancellationToken);
        IVectorRanking ranking =
            await extension.IsUsableAsync(vector.Values.Length, cancellationToken) ? _inDatabase : _inMemory;
        var found = await new RankedSearch(database, ranking, new VectorRange(actor.Id, prefix, space), query, now)
            .SearchAsync(vector.Values, cancellationToken);
        return await new PostgresStore(database, actor.Id, options, time).PageOfAsync(found, query, now, cancellationToken);
    }
}
