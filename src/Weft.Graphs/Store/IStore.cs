using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Long-term memory: items under namespaces, independent of threads. Any number of nodes may use it at the same time.
/// </summary>
/// <remarks>
/// Every implementation passes <c>ItemStoreContract</c>. Behavior that the suite does not check is not guaranteed.
/// </remarks>
public interface IStore
{
    /// <summary>
    /// Stores an item. It replaces the item with the same namespace and key, but keeps the time of creation.
    /// </summary>
    /// <param name="ns">The namespace. It has at least one label, and the first label is not <c>langgraph</c>.</param>
    /// <param name="key">The key in the namespace.</param>
    /// <param name="value">The value, a JSON object.</param>
    /// <param name="options">How to store it; null means the defaults of the store.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InvalidItemException">
    /// The namespace, the value or an option is not well formed. Nothing is stored.
    /// </exception>
    Task PutAsync(
        ItemNamespace ns,
        string key,
        JsonElement value,
        ItemOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Returns an item, or <see langword="null"/> if it does not exist or has expired.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="key">The key in the namespace.</param>
    /// <param name="refresh">Whether to restart its time to live; null means the default of the store.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<Item?> FindAsync(ItemNamespace ns, string key, bool? refresh = null, CancellationToken cancellationToken = default);

    /// <summary>Returns a page of the items below a namespace. Items that were put last come first.</summary>
    /// <param name="prefix">The labels with which their namespaces begin; empty for all items.</param>
    /// <param name="query">The conditions; null means the first ten items.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<Item>> SearchAsync(ItemNamespace prefix, ItemQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Removes an item. Returns <see langword="false"/> if it does not exist.</summary>
    Task<bool> DeleteAsync(ItemNamespace ns, string key, CancellationToken cancellationToken = default);

    /// <summary>Returns a page of the namespaces that have items, ordered by their dotted names.</summary>
    Task<IReadOnlyList<ItemNamespace>> ListNamespacesAsync(NamespaceQuery? query = null, CancellationToken cancellationToken = default);
}
