using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The items of a server, for its nodes and for its clients alike.</summary>
/// <param name="items">Keeps them.</param>
/// <param name="options">Whose they are and how long they live.</param>
/// <param name="time">The clock.</param>
public sealed class ItemsFacade(IItemStore items, RunsOptions options, TimeProvider time)
{
    private readonly StoreOptions _options = new() { TimeToLive = options.ItemTimeToLive, RefreshOnRead = options.RefreshItemsOnRead };

    /// <summary>Returns the store that an actor reads and writes.</summary>
    public IStore For(Actor actor) => items.Open(options.ItemsPerActor ? actor : Actor.Anonymous, _options, time);

    /// <summary>Removes the items whose time is over.</summary>
    internal Task SweepAsync(CancellationToken cancellationToken) => items.DeleteExpiredAsync(time.GetUtcNow(), cancellationToken);
}
