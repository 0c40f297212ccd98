namespace Weft.Graphs;

/// <summary>The conditions of a search below a namespace.</summary>
public sealed record ItemQuery
{
    /// <summary>The first ten.</summary>
    public static ItemQuery Default { get; } = new();

    /// <summary>Conditions on the values; null means none.</summary>
    public ItemFilter? Filter { get; init; }

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
}
