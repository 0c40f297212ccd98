using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Keeps the vectors of items, so that a search can rank them by meaning.</summary>
/// <remarks>
/// <para>Every implementation passes <c>ItemIndexContract</c>; behaviour that the suite does not check is not guaranteed.</para>
/// <para>
/// A space names the model that made the vectors and what it was given. Vectors of two spaces can't be compared. An item has an
/// entry of at most one space. The entry is removed when the value or the indexed paths of its item change, and with its item.
/// </para>
/// </remarks>
public interface IItemIndex
{
    /// <summary>
    /// Examines items of all actors, in a fixed order, and returns those without an entry of the space. It examines a limited
    /// number of items at a time.
    /// </summary>
    /// <param name="space">The space.</param>
    /// <param name="after">Where the previous page ended; 0 for the first one.</param>
    /// <param name="limit">The greatest number of items to return.</param>
    /// <param name="now">The time; expired items are not returned.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<UnindexedItems> ListUnindexedAsync(
        string space, long after, int limit, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Returns the item if it exists and has no entry of the space.</summary>
    Task<Item?> FindUnindexedAsync(
        string space, Actor actor, ItemNamespace ns, string key, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Adds entries to a space. An entry whose item has another value or other indexed paths by now, or does not exist, is ignored.
    /// </summary>
    Task AddAsync(string space, IReadOnlyList<ItemEntry> entries, CancellationToken cancellationToken);

    /// <summary>
    /// Returns a page of an actor's items below a namespace: those with vectors of the space first, the most similar ones first,
    /// each with its score; then the others as in a search without a vector. The time to live of an item is restarted when it is read.
    /// </summary>
    /// <param name="actor">The actor.</param>
    /// <param name="options">The defaults of the store.</param>
    /// <param name="time">The clock.</param>
    /// <param name="prefix">The labels with which the namespaces begin.</param>
    /// <param name="query">The conditions and the page.</param>
    /// <param name="vector">What to rank by.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<LazyPage<Item>> OpenSearchAsync(
        Actor actor,
        StoreOptions options,
        TimeProvider time,
        ItemNamespace prefix,
        ItemQuery query,
        ItemVector vector,
        CancellationToken cancellationToken);
}

/// <summary>A vector of a space.</summary>
/// <param name="Space">The space.</param>
/// <param name="Values">The vector, of length 1.</param>
public readonly record struct ItemVector(string Space, ReadOnlyMemory<float> Values);

/// <summary>The vectors of an item.</summary>
/// <param name="Actor">The actor that the item belongs to.</param>
/// <param name="Item">The item that the vectors were made of.</param>
/// <param name="Vectors">
/// Vectors of length 1 with as many dimensions each; none if there is nothing to rank the item by. The item is ranked by the most
/// similar one.
/// </param>
public sealed record ItemEntry(Actor Actor, Item Item, IReadOnlyList<ReadOnlyMemory<float>> Vectors);

/// <summary>A page of items without an entry.</summary>
/// <param name="Items">The items and their actors.</param>
/// <param name="Next">Where the page ended; null if no further items exist.</param>
public sealed record UnindexedItems(IReadOnlyList<(Actor Actor, Item Item)> Items, long? Next);
