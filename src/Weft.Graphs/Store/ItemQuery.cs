namespace Weft.Graphs;

/// <summary>The conditions of a search below a namespace.</summary>
public sealed record ItemQuery
{
    /// <summary>The first ten.</summary>
    public static ItemQuery Default { get; } = new();

    /// <summary>Conditions on the values; null means none.</summary>
    public ItemFilter? Filter { get; init; }

    /// <summary>
    /// A condition on the namespace and the key; null means none. An item that does not meet it is treated as missing. It is called
    /// in the middle of a search, perhaps once for each item below the namespace, so it must be fast and must not use the store.
    /// </summary>
    public Func<ItemNamespace, string, bool>? Where { get; init; }

    /// <summary>A text to rank the items by meaning. A store without an index of meanings ignores it.</summary>
    public string? Query { get; init; }

    /// <summary>The greatest number of items. Default: 10.</summary>
    public int Limit
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 10;

    /// <summary>The number of matches to skip. Default: 0.</summary>
    public int Offset
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>
    /// Whether to restart the time to live of the returned items; null means the default of the store.
    /// </summary>
    public bool? Refresh { get; init; }

    /// <summary>Whether an item meets the conditions.</summary>
    public bool Matches(Item item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return Where?.Invoke(item.Namespace, item.Key) != false && Filter?.Matches(item.Value) != false;
    }
}
