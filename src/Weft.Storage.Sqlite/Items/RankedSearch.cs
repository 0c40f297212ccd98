using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>
/// A search by a vector. The items are looked up in the order of their scores until the page is full, so that only these are
/// checked against the filter. The result is the same as if all were checked before they are ranked.
/// </summary>
internal sealed class RankedSearch(
    StoreConnection connection, string owner, ItemNamespace prefix, ItemQuery query, DateTimeOffset now, ReadBudget budget)
{
    public const string FindRanked =
        $"SELECT {ItemRows.Columns}, item_key FROM items WHERE item_key = (SELECT item_key FROM item_vectors WHERE vector_key = ?1)";

    private const string Find = $"SELECT {ItemRows.Columns} FROM items WHERE item_key = ?1";

    public const string ListOthers = $"""
        SELECT item_key FROM items
        WHERE {ItemSearch.Below} AND NOT EXISTS (
            SELECT 1 FROM item_vectors AS v WHERE v.item_key = items.item_key AND v.space_key = ?5 AND length(v.vectors) > 0)
        {ItemSearch.InOrder}
        """;

    private readonly PageRows<Item> _page = new(RowSizes.Of);
    private int _passed;

    public PageRows<Item> Search(ItemVector vector, VectorCache cache) => ItemSearch.InOneSnapshot(connection, () =>
    {
        var space = ItemVectorRows.SpaceOf(connection, vector.Space);
        AddRanked(space, vector, cache);
        AddOthers(space);
        return _page;
    });

    private void AddRanked(long space, ItemVector vector, VectorCache cache)
    {
        var range = new VectorRange(owner, prefix, space);
        using var ranking = VectorRanking.Rank(connection, cache, range, vector.Values.Span, budget);
        var seen = new HashSet<long>();
        var gone = 0;
        while (_page.Count < query.Limit && ranking.TryTake(out var key, out var score))
        {
            // An item with several vectors has the score of the most similar one.
            if (!seen.Add(key))
            {
                continue;
            }

            budget.Spend();
            if (connection.Use(FindRanked).Add(key).First<(Item Item, long Key)?>(
                row => (ItemRows.Read(row), row.Integer(ItemRows.ColumnCount))) is not { } found)
            {
                gone++;
            }
            else if (!(found.Item.ExpiresAt <= now))
            {
                Add(found.Item with { Score = Math.Clamp(score, -1, 1) }, found.Key);
            }
        }

        cache.ReportGone(range, gone);
    }

    private void AddOthers(long space)
    {
        if (_page.Count == query.Limit)
        {
            return;
        }

        ItemSearch.Range(connection.Use(ListOthers).Add(owner), prefix.Path, prefix).Add(now).Add(space).ReadWhile(row =>
        {
            budget.Spend();
            if (connection.Use(Find).Add(row.Integer(0)).First(ItemRows.Read) is { } item)
            {
                Add(item, row.Integer(0));
            }

            return _page.Count < query.Limit;
        });
    }

    private void Add(Item item, long key)
    {
        if (query.Matches(item) && _passed++ >= query.Offset)
        {
            _page.AddOrKeep(item, key, item.Score);
        }
    }
}
