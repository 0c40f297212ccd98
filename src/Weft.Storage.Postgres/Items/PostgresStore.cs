using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>The items of one owner.</summary>
internal sealed class PostgresStore(PostgresDatabase database, string owner, StoreOptions options, TimeProvider time) : IPagedStore
{
    // An expired item no longer exists, so an item with its key is a new one.
    private const string Put = """
        INSERT INTO weft.items AS items (owner, namespace, key, created_at, updated_at, ttl, expires_at, indexed_paths, value)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (owner, namespace, key) DO UPDATE
        SET created_at = CASE WHEN items.expires_at <= excluded.updated_at THEN excluded.created_at ELSE items.created_at END,
            updated_at = excluded.updated_at, ttl = excluded.ttl, expires_at = excluded.expires_at,
            indexed_paths = excluded.indexed_paths, value = excluded.value
        """;

    private const string FindItem = $"""
        SELECT {ItemRows.Columns} FROM weft.items AS items
        WHERE owner = $1 AND namespace = $2 AND key = $3 AND (expires_at IS NULL OR expires_at > $4)
        """;

    // The rows are locked in the order of the arrays, so that two reads of the same items do not block each other.
    private const string Refresh = """
        UPDATE weft.items AS items SET expires_at = $4 + ttl
        WHERE item_key = ANY(ARRAY(
            SELECT items.item_key
            FROM unnest($2::text[], $3::text[]) AS given (namespace, key)
            CROSS JOIN LATERAL (
                SELECT item_key FROM weft.items AS items
                WHERE items.owner = $1 AND items.namespace = given.namespace AND items.key = given.key AND items.expires_at > $4
                LIMIT 1 FOR UPDATE) AS items))
        """;

    private const string Delete = """
        DELETE FROM weft.items WHERE owner = $1 AND namespace = $2 AND key = $3
        RETURNING expires_at IS NULL OR expires_at > $4
        """;

    public Task PutAsync(
        ItemNamespace ns,
        string key,
        JsonElement value,
        ItemOptions? itemOptions = null,
        CancellationToken cancellationToken = default)
    {
        var item = Item.Create(ns, key, value, itemOptions, options, time.GetUtcNow());
        ItemRows.Check(item);
        return database.WriteAsync(session => ItemRows.AddValues(session.Use(Put).Add(owner), item).ExecuteAsync(), cancellationToken);
    }

    public async Task<Item?> FindAsync(ItemNamespace ns, string key, bool? refresh = null, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        var item = await database.ReadAsync(
            session => session.Use(FindItem).Add(owner).Add(ns.Path).Add(key).Add(now).FirstAsync(ItemRows.Read), cancellationToken);
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
        var found = await ItemSearch.SearchAsync(database, owner, prefix, query, now, cancellationToken);
        return await PageOfAsync(found, query, now, cancellationToken);
    }

    /// <summary>Returns a page whose items are refreshed when they are read.</summary>
    public async Task<LazyPage<Item>> PageOfAsync(
        PageRows<Item> found, ItemQuery query, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var first = await RefreshAsync(found.Rows, query.Refresh, now, cancellationToken);
        var itemsAtOnce = LazyRows.RowsOf(found);
        return found.Keys.Count == 0 ? new LazyPage<Item>(first) : new LazyPage<Item>(first, found.Keys.Count, async (at, cancel) =>
        {
            var then = time.GetUtcNow();
            var (rows, places) = await ItemSearch.ReadLaterAsync(database, found, at, itemsAtOnce, query, then, cancel);
            itemsAtOnce = LazyRows.RowsOf(rows);
            return new LazyBatch<Item>(await RefreshAsync(rows.Rows, query.Refresh, then, cancel), places);
        });
    }

    public Task<bool> DeleteAsync(ItemNamespace ns, string key, CancellationToken cancellationToken = default) => database.WriteAsync(
        Removal.Of(session => session.Use(Delete).Add(owner).Add(ns.Path).Add(key).Add(time.GetUtcNow()).FirstAsync(row => row.Boolean(0))),
        cancellationToken);

    public Task<IReadOnlyList<ItemNamespace>> ListNamespacesAsync(
        NamespaceQuery? query = null, CancellationToken cancellationToken = default) =>
        ItemSearch.ListNamespacesAsync(database, owner, query ?? NamespaceQuery.Default, time.GetUtcNow(), cancellationToken);

    /// <summary>Restarts the time to live of items that were read, if the caller or the options ask for it.</summary>
    private async Task<IReadOnlyList<Item>> RefreshAsync(
        IReadOnlyList<Item> items, bool? refresh, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!(refresh ?? options.RefreshOnRead) || items.All(item => item.TimeToLive is null))
        {
            return items;
        }

        var expiring = items.Where(item => item.TimeToLive is not null)
            .OrderBy(item => item.Namespace.Path, StringComparer.Ordinal).ThenBy(item => item.Key, StringComparer.Ordinal).ToList();
        await database.WriteAsync(
            session => session.Use(Refresh).Add(owner)
                .Add(expiring.ConvertAll(item => item.Namespace.Path).ToArray())
                .Add(expiring.ConvertAll(item => item.Key).ToArray())
                .Add(now).ExecuteAsync(),
            cancellationToken);
        return [.. items.Select(item => item with { ExpiresAt = now + item.TimeToLive })];
    }
}
