namespace Weft.Graphs;

/// <summary>The defaults of a store.</summary>
public sealed record StoreOptions
{
    /// <summary>Items do not expire by default, and a read restarts the time to live of items that have one.</summary>
    public static StoreOptions Default { get; } = new();

    /// <summary>The time to live of items; null means no limit. Default: no limit.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Whether a read restarts the time to live of an item. Default: true.</summary>
    public bool RefreshOnRead { get; init; } = true;
}
