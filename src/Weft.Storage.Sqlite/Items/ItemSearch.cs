using Weft.Graphs;

namespace Weft.Storage.Sqlite;

/// <summary>
/// Searches items. The items below a namespace are one range of the index. SQL does not compare values as JSON does, so
/// a filter reads the values of the range in order until its page is full. A condition on namespaces and keys is checked first, on
/// the index.
/// </summary>
internal static class ItemSearch
{
    public const string Below = "owner = ?1 AND namespace >= ?2 AND namespace < ?3 AND (expires_at IS NULL OR expires_at > ?4)";
    public const string InOrder = "ORDER BY updated_at DESC, namespace, key";

    // The rows are chosen and sorted without reading their values.
    public const string Page = $"SELECT item_key FROM items WHERE {Below} {InOrder} LIMIT ?5 OFFSET ?6";

    public const string Candidates = $"SELECT item_key, namespace, key FROM items WHERE {Below} {InOrder}";
    private const string Find = $"SELECT {ItemRows.Columns} FROM items WHERE item_key = ?1";
    private const string FindLater = $"SELECT {ItemRows.Columns} FROM items WHERE item_key = ?5 AND {Below}";

    public const string NextNamespace = $"SELECT namespace FROM items WHERE {Below} ORDER BY namespace LIMIT 1";

    public static PageRows<Item> Search(
        StoreConnection connection, string owner, ItemNamespace prefix, ItemQuery query, DateTimeOffset now, ReadBudget budget) =>
        query is { Filter.IsEmpty: false } or { Where: not null }
            ? InOneSnapshot(connection, () => SearchSome(connection, owner, prefix, query, now, budget))
            : SearchAll(connection, owner, prefix, query, now);

    /// <summary>Finds an item of a page that is read later, by its key.</summary>
    public static Item? FindKept(
        StoreConnection connection, string owner, ItemNamespace prefix, ItemQuery query, DateTimeOffset now, RowKey row) =>
        Range(connection.Use(FindLater).Add(owner), prefix.Path, prefix).Add(now).Add(row.Key).First(ItemRows.Read) is { } item
        && query.Matches(item)
            ? item with { Score = row.Score }
            : null;

    /// <summary>Steps from namespace to namespace on the index, and skips the items of each.</summary>
    public static IReadOnlyList<ItemNamespace> ListNamespaces(
        StoreConnection connection, string owner, NamespaceQuery query, DateTimeOffset now, ReadBudget budget)
    {
        var prefix = query.Prefix.Take(query.Prefix.TakeWhile(label => label != ItemNamespace.AnyLabel).Count());

        IEnumerable<ItemNamespace> All()
        {
            var next = prefix.Path;
            while (Range(connection.Use(NextNamespace).Add(owner), next, prefix).Add(now).First(row => row.Text(0)) is { } path)
            {
                budget.Spend();
                yield return ItemNamespace.FromPath(path);
                // The smallest text that is greater than the path.
                next = path + '\0';
            }
        }

        return InOneSnapshot(connection, () => query.Page(All()));
    }

    /// <summary>Adds the first text of a range and the text before which it ends.</summary>
    public static Statement Range(Statement statement, string first, ItemNamespace prefix) => prefix.Count == 0
        // Every text comes before every blob.
        ? statement.Add(first).Add(ReadOnlyMemory<byte>.Empty)
        // '/' is the character after '.'.
        : statement.Add(first).Add(prefix.Path[..^1] + '/');

    private static PageRows<Item> SearchAll(
        StoreConnection connection, string owner, ItemNamespace prefix, ItemQuery query, DateTimeOffset now)
    {
        var page = new PageRows<Item>(RowSizes.Of);
        // The items are read before the statement ends, so in its snapshot.
        Range(connection.Use(Page).Add(owner), prefix.Path, prefix).Add(now).Add(query.Limit).Add(query.Offset).ReadWhile(row =>
        {
            page.Add(connection, Find, row.Integer(0), ItemRows.Read);
            return true;
        });
        return page;
    }

    private static PageRows<Item> SearchSome(
        StoreConnection connection,
        string owner,
        ItemNamespace prefix,
        ItemQuery query,
        DateTimeOffset now,
        ReadBudget budget)
    {
        var page = new PageRows<Item>(RowSizes.Of);
        var passed = 0;
        Range(connection.Use(Candidates).Add(owner), prefix.Path, prefix).Add(now).ReadWhile(row =>
        {
            budget.Spend();
            if (page.Count < query.Limit
                && query.Where?.Invoke(ItemNamespace.FromPath(row.Text(1)), row.Text(2)) != false
                && connection.Use(Find).Add(row.Integer(0)).First(ItemRows.Read) is { } item
                && query.Filter?.Matches(item.Value) != false && passed++ >= query.Offset)
            {
                page.AddOrKeep(item, row.Integer(0));
            }

            return page.Count < query.Limit;
        });
        return page;
    }

    /// <summary>Runs reads that all see the same state of the data.</summary>
    public static T InOneSnapshot<T>(StoreConnection connection, Func<T> read)
    {
        connection.BeginRead();
        try
        {
            return read();
        }
        finally
        {
            connection.TryRollback(out _);
        }
    }
}
