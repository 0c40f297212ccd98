using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A store that can return the items of a search while they are read.</summary>
public interface IPagedStore : IStore
{
    /// <summary>
    /// As <see cref="IStore.SearchAsync"/>, with the same items in the same order. The time to live of an item is restarted when it is
    /// read. An item that changed meanwhile and does not match any more, or has expired, is skipped.
    /// </summary>
    /// <param name="prefix">The labels with which their namespaces begin; empty for all items.</param>
    /// <param name="query">The conditions.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<LazyPage<Item>> OpenSearchAsync(ItemNamespace prefix, ItemQuery query, CancellationToken cancellationToken);
}

/// <summary>Searches any store.</summary>
internal static class PagedStoreExtensions
{
    /// <summary>Returns the items of a search while they are read, as far as the store can do that.</summary>
    public static async Task<LazyPage<Item>> OpenPageAsync(
        this IStore store, ItemNamespace prefix, ItemQuery query, CancellationToken cancellationToken) => store is IPagedStore paged
        ? await paged.OpenSearchAsync(prefix, query, cancellationToken)
        : new LazyPage<Item>(await store.SearchAsync(prefix, query, cancellationToken));
}
