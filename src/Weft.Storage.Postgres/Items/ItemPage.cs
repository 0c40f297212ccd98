using Weft.Graphs;

namespace Weft.Storage.Postgres;

/// <summary>The page of a search, to which items are added in order.</summary>
internal sealed class ItemPage(ItemQuery query)
{
    private int _passed;

    public PageRows<Item> Items { get; } = new(RowSizes.Of);

    public bool IsFull => Items.Count == query.Limit;

    /// <summary>The number of items that it takes at the least until it is full.</summary>
    public long Missing => (long)query.Offset + query.Limit - _passed;

    /// <summary>Whether an item with this name may match.</summary>
    public bool MayHave(string path, string key) => query.Where?.Invoke(ItemNamespace.FromPath(path), key) != false;

    /// <summary>Adds an item, if it matches and is not before the page.</summary>
    public void Add(Item item, long key)
    {
        if (!IsFull && query.Matches(item) && _passed++ >= query.Offset)
        {
            Items.AddOrKeep(item, key, item.Score);
        }
    }
}
