using Weft.Graphs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Searches items. The items below a namespace are one range of the index. SQL does not compare values as JSON does, so
/// a filter reads the values of the range in order until its page is full. A condition on namespaces and keys is checked first, on
/// the index.
/// </summary>
internal static class ItemSearch
{
    public const string Below = "owner = $1 AND namespace >= $2 AND namespace < $3 AND (expires_at IS NULL OR expires_at > $4)";
    public const string InOrder = "ORDER BY updated_at DESC, namespace, key";

    private const int ItemsAtOnceMin = 20;
    private const int ItemsAtOnceMax = 500;
    private const int NamespacesAtOnce = 1_000;

    // The rows are chosen and sorted without reading their values.
    private const string Page = $"""
        SELECT {ItemRows.Columns}, page.item_key
        FROM (SELECT item_key FROM weft.items WHERE {Below} {InOrder} LIMIT $5 OFFSET $6) AS page
        CROSS JOIN LATERAL (SELECT * FROM weft.items AS items WHERE items.item_key = page.item_key LIMIT 1) AS items
        {InOrder}
        """;

    private const string Candidates = $"SELECT item_key, namespace, key FROM weft.items WHERE {Below} {InOrder}";

    private const string List = $"""
        SELECT {ItemRows.Columns}, items.item_key
        FROM unnest($1::bigint[]) WITH ORDINALITY AS chosen (item_key, place)
        CROSS JOIN LATERAL (SELECT * FROM weft.items AS items WHERE items.item_key = chosen.item_key LIMIT 1) AS items
        ORDER BY place
        """;

    private const string ListLater = $"""
        SELECT {ItemRows.Columns}, place
        FROM unnest($1::bigint[]) WITH ORDINALITY AS chosen (item_key, place)
        CROSS JOIN LATERAL (SELECT * FROM weft.items AS items WHERE items.item_key = chosen.item_key LIMIT 1) AS items
        ORDER BY place
        """;

    // Steps from namespace to namespace on the index, and skips the items of each.
    private const string Namespaces = $"""
        WITH RECURSIVE found (namespace, place) AS (
            (SELECT namespace, 1 FROM weft.items WHERE {Below} ORDER BY namespace LIMIT 1)
            UNION ALL
            SELECT next.namespace, found.place + 1
            FROM found CROSS JOIN LATERAL (
                SELECT items.namespace FROM weft.items AS items
                WHERE owner = $1 AND items.namespace > found.namespace AND items.namespace < $3
                  AND (expires_at IS NULL OR expires_at > $4)
                ORDER BY items.namespace LIMIT 1) AS next
            WHERE found.place < $5)
        SELECT namespace FROM found ORDER BY place
        """;

    public static Task<PageRows<Item>> SearchAsync(
        PostgresDatabase database,
        string owner,
        ItemNamespace prefix,
        ItemQuery query,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        Statement Use(Session session, string sql) => ItemRows.AddRange(session.Use(sql).Add(owner), prefix.Path, prefix).Add(now);

        return query is { Filter.IsEmpty: false } or { Where: not null }
            ? database.SearchAsync(
                async session =>
                {
                    var page = new ItemPage(query);
                    await AddAsync(session, page, Use(session, Candidates));
                    return page.Items;
                },
                cancellationToken)
            : database.SearchAsync(
                session => new PageRows<Item>(RowSizes.Of).AddAsync(
                    Use(session, Page).Add(query.Limit).Add(query.Offset), ItemRows.Read, ItemRows.ColumnCount),
                cancellationToken);
    }

    /// <summary>Reads items of a page that are read later, from a place among them.</summary>
    public static Task<(PageRows<Item> Rows, int Places)> ReadLaterAsync(
        PostgresDatabase database,
        PageRows<Item> found,
        int first,
        int itemsAtOnce,
        ItemQuery query,
        DateTimeOffset now,
        CancellationToken cancellationToken) => LazyRows.ReadAsync(
        database,
        found,
        first,
        itemsAtOnce,
        ListLater,
        ItemRows.ColumnCount,
        (row, key) => ItemRows.Read(row) is var item && !(item.ExpiresAt <= now) && query.Matches(item)
            ? item with { Score = key.Score }
            : null,
        cancellationToken);

    /// <summary>Returns the namespaces that have items.</summary>
    public static async Task<IReadOnlyList<ItemNamespace>> ListNamespacesAsync(
        PostgresDatabase database, string owner, NamespaceQuery query, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var prefix = query.Prefix.Take(query.Prefix.TakeWhile(label => label != ItemNamespace.AnyLabel).Count());
        return await database.SearchAsync(
            async session =>
            {
                var found = new List<ItemNamespace>();
                var first = prefix.Path;
                for (var count = NamespacesAtOnce; ; count *= 2)
                {
                    session.CancellationToken.ThrowIfCancellationRequested();
                    var next = await ItemRows.AddRange(session.Use(Namespaces).Add(owner), first, prefix).Add(now).Add(count)
                        .ListAsync(row => ItemNamespace.FromPath(row.Text(0)));
                    found.AddRange(next);
                    var page = query.Page(found);
                    if (page.Count == query.Limit || next.Count < count)
                    {
                        return page;
                    }

                    // Not greater than any other text that is greater than the last one.
                    first = next[^1].Path + '\u0001';
                }
            },
            cancellationToken);
    }

    /// <summary>Adds items in the order of a statement, which returns their keys and names, until the page is full.</summary>
    public static async Task AddAsync(Session session, ItemPage page, Statement candidates)
    {
        if (page.IsFull)
        {
            return;
        }

        var keys = new List<long>();
        await candidates.ReadWhileAsync(row =>
        {
            if (page.MayHave(row.Text(1), row.Text(2)))
            {
                keys.Add(row.Integer(0));
            }

            return true;
        });
        var count = (int)Math.Clamp(page.Missing, ItemsAtOnceMin, ItemsAtOnceMax);
        for (var at = 0; at < keys.Count && !page.IsFull; at += count)
        {
            session.CancellationToken.ThrowIfCancellationRequested();
            var chosen = keys.GetRange(at, Math.Min(count, keys.Count - at)).ToArray();
            await session.Use(List).Add(chosen).ReadWhileAsync(row =>
            {
                page.Add(ItemRows.Read(row), row.Integer(ItemRows.ColumnCount));
                return !page.IsFull;
            });
        }
    }
}
