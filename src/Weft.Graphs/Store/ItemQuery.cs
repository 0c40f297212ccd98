namespace Weft.Graphs;

/// <summary>Which items of those below a namespace a search returns.</summary>
public sealed record ItemQuery
{
    /// <summary>The first ten.</summary>
    public static ItemQuery Default { get; } = new();

    /// <summary>What their values have in common; null: nothing.</summary>
    public ItemFilter? Filter { get; init; }

    /// <summary>What to rank them by, in words. A store without an index of meanings keeps its order.</summary>
    public string? Query { get; init; }

    /// <summary>The most items. Default: 10.</summary>
    public int Limit
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 10;

    /// <summary>How many matches to pass over. Default: none.</summary>
    public int Offset
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>Whether the items returned begin their time to live anew; null: as the store does by itself.</summary>
    public bool? Refresh { get; init; }
}
