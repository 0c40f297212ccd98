using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The items of a server, for its nodes and for its clients.</summary>
/// <param name="items">The store of the items.</param>
/// <param name="options">Set whether each actor has its own items, and how long they live.</param>
/// <param name="time">The clock.</param>
public sealed class ItemsFacade(IItemStore items, RunsOptions options, TimeProvider time)
{
    private readonly StoreOptions _options = new() { TimeToLive = options.ItemTimeToLive, RefreshOnRead = options.RefreshItemsOnRead };

    /// <summary>Ranks items by meaning; null if the server does not.</summary>
    internal ItemRanking? Search { get; init; }

    /// <summary>Where changes of items are published; null if they are not.</summary>
    internal EventFeed? Feed { get; init; }

    /// <summary>Returns the items that an actor reads and writes.</summary>
    public IStore For(Actor actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        var owner = options.ItemsPerActor ? actor : Actor.Anonymous;
        var store = items.Open(owner, _options, time);
        store = Search is null ? store : new IndexedStore(store, owner, _options, Search);
        var all = Feed is null ? store : new FeedingStore(store, owner.Id, Feed);
        return actor.Scope is { } scope ? new ScopedStore(all, scope) : all;
    }

    /// <summary>Removes the expired items.</summary>
    internal Task SweepAsync(CancellationToken cancellationToken) => items.DeleteExpiredAsync(time.GetUtcNow(), cancellationToken);
}
