using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Long-term memory: items under namespaces, beyond any one thread. Any number of nodes use it at once.
/// </summary>
/// <remarks>
/// Every implementation passes <c>ItemStoreContract</c>; what that suite does not check is not promised.
/// </remarks>
public interface IStore
{
    /// <summary>
    /// Keeps an item, in place of the one of the same namespace and key, whose time of creation stays.
    /// </summary>
    /// <param name="ns">Where: at least one label, of which the first is not <c>langgraph</c>.</param>
    /// <param name="key">Its name there.</param>
    /// <param name="value">What is kept: a JSON object.</param>
    /// <param name="options">How it is kept; null: as the store does by itself.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InvalidItemException">The namespace, the value or an option is not well formed. Nothing is
    /// kept.</exception>
    Task PutAsync(
        ItemNamespace ns,
        string key,
        JsonElement value,
        ItemOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Returns an item, or <see langword="null"/> when there is none or its time is over.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="key">Its name there.</param>
    /// <param name="refresh">Whether its time to live begins anew; null: as the store does by itself.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<Item?> FindAsync(ItemNamespace ns, string key, bool? refresh = null, CancellationToken cancellationToken = default);

    /// <summary>Returns a page of the items below a namespace, those put last first.</summary>
    /// <param name="prefix">The labels that their namespaces begin with; empty: all items.</param>
    /// <param name="query">Which of them; null: the first ten.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<Item>> SearchAsync(ItemNamespace prefix, ItemQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Removes an item; <see langword="false"/> when there is none.</summary>
    Task<bool> DeleteAsync(ItemNamespace ns, string key, CancellationToken cancellationToken = default);

    /// <summary>Returns a page of the namespaces that have items, in the order of their dotted names.</summary>
    Task<IReadOnlyList<ItemNamespace>> ListNamespacesAsync(NamespaceQuery? query = null, CancellationToken cancellationToken = default);
}
