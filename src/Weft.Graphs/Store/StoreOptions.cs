namespace Weft.Graphs;

/// <summary>What a store does where a call does not say.</summary>
public sealed record StoreOptions
{
    /// <summary>Items do not expire, and a read refreshes those that were put with a time to live.</summary>
    public static StoreOptions Default { get; } = new();

    /// <summary>How long items live; null means no limit. Default: no limit.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Whether an item that is read begins its time to live anew. Default: true.</summary>
    public bool RefreshOnRead { get; init; } = true;
}
