using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>The items of one owner.</summary>
internal sealed class SqliteStore(SqliteDatabase database, string owner, StoreOptions options, TimeProvider time) : IPagedStore
{
    // An expired item no longer exists, so an item with its key is a new one.
    private const string Put = $"""
        INSERT INTO items (owner, {ItemRows.Columns})
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (owner, namespace, key) DO UPDATE
        SET created_at = CASE WHEN expires_at <= excluded.updated_at THEN excluded.created_at ELSE created_at END,
            updated_at = excluded.updated_at, ttl = excluded.ttl, expires_at = excluded.expires_at,
            indexed_paths = excluded.indexed_paths, value = excluded.value
        """;

    private const string FindItem = $"""
        SELECT {ItemRows.Columns} FROM items
        WHERE owner = ?1 AND namespace = ?2 AND key = ?3 AND (expires_at IS NULL OR expires_at > ?4)
        """;

    private const string Refresh =
        "UPDATE items SET expires_at = ?4 + ttl WHERE owner = ?1 AND namespace = ?2 AND key = ?3 AND expires_at > ?4";

    private const string Delete =
        "DELETE FROM items WHERE owner = ?1 AND namespace = ?2 AND key = ?3 RETURNING expires_at IS NULL OR expires_at > ?4";

    public Task PutAsync(
        ItemNamespace ns,
        string key,
        JsonElement value,
        ItemOptions? itemOptions = null,
        CancellationToken cancellationToken = default)
    {
        var item = Item.Create(ns, key, value, itemOptions, options, time.GetUtcNow());
        return database.WriteAsync(connection => ItemRows.AddValues(connection.Use(Put).Add(owner), item).Execute(), cancellationToken);
    }

    public async Task<Item?> FindAsync(ItemNamespace ns, string key, bool? refresh = null, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        var item = await database.ReadAsync(
            connection => connection.Use(FindItem).Add(owner).Add(ns.Path).Add(key).Add(now).First(ItemRows.Read),
            cancellationToken);
        return item is null ? null : (await RefreshAsync([item], refresh, now, cancellationToken))[0];
    }

    public async Task<IReadOnlyList<Item>> SearchAsync(
        ItemNamespace prefix, ItemQuery? query = null, CancellationToken cancellationToken = default)
    {
        var page = await OpenSearchAsync(prefix, query ?? ItemQuery.Default, cancellationToken);
        return await page.ReadAllAsync(cancellationToken);
    }

    public async Task<LazyPage<Item>> OpenSearchAsync(ItemNamespace prefix, ItemQuery query, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var found = await database.ReadOrScanAsync(
            (connection, budget) => ItemSearch.Search(connection, owner, prefix, query, now, budget), cancellationToken);
        return await PageOfAsync(found, prefix, query, now, cancellationToken);
    }

    /// <summary>Searches items by a vector (see <see cref="IItemIndex.OpenSearchAsync"/>).</summary>
    public async Task<LazyPage<Item>> OpenSearchAsync(
        ItemNamespace prefix, ItemQuery query, ItemVector vector, VectorCache cache, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var found = await database.ReadOrScanAsync(
            (connection, budget) => new RankedSearch(connection, owner, prefix, query, now, budget).Search(vector, cache),
            cancellationToken);
        return await PageOfAsync(found, prefix, query, now, cancellationToken);
    }

    public Task<bool> DeleteAsync(ItemNamespace ns, string key, CancellationToken cancellationToken = default) => database.WriteAsync(
        connection => connection.Use(Delete).Add(owner).Add(ns.Path).Add(key).Add(time.GetUtcNow()).First(row => row.Integer(0)) == 1,
        cancellationToken);

    public Task<IReadOnlyList<ItemNamespace>> ListNamespacesAsync(
        NamespaceQuery? query = null, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        return database.ReadOrScanAsync(
            (connection, budget) => ItemSearch.ListNamespaces(connection, owner, query ?? NamespaceQuery.Default, now, budget),
            cancellationToken);
    }

    /// <summary>Returns a page whose items are refreshed when they are read.</summary>
    private async Task<LazyPage<Item>> PageOfAsync(
        PageRows<Item> found, ItemNamespace prefix, ItemQuery query, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var first = await RefreshAsync(found.Rows, query.Refresh, now, cancellationToken);
        return found.Keys.Count == 0 ? new LazyPage<Item>(first) : new LazyPage<Item>(first, found.Keys.Count, async (at, cancel) =>
        {
            var then = time.GetUtcNow();
            var batch = await database.ReadAsync(
                connection => LazyRows.Read(
                    connection, found, at, (connection, row) => ItemSearch.FindKept(connection, owner, prefix, query, then, row)),
                cancel);
            return batch with { Rows = await RefreshAsync(batch.Rows, query.Refresh, then, cancel) };
        });
    }

    /// <summary>Restarts the time to live of items that were read, if the caller or the options ask for it.</summary>
    private async Task<IReadOnlyList<Item>> RefreshAsync(
        IReadOnlyList<Item> items, bool? refresh, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!(refresh ?? options.RefreshOnRead) || items.All(item => item.TimeToLive is null))
        {
            return items;
        }

        await database.WriteAsync(
            connection => items.Where(item => item.TimeToLive is not null)
                .Sum(item => connection.Use(Refresh).Add(owner).Add(item.Namespace.Path).Add(item.Key).Add(now).Execute()),
            cancellationToken);
        return [.. items.Select(item => item with { ExpiresAt = now + item.TimeToLive })];
    }
}
