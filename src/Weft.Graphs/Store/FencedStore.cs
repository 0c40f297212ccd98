using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The store for one try of a task. It is closed when the try is left behind.</summary>
internal sealed class FencedStore(IStore store, Fence fence) : IStore
{
    public Task PutAsync(
        ItemNamespace ns, string key, JsonElement value, ItemOptions? options = null, CancellationToken cancellationToken = default) =>
        Open().PutAsync(ns, key, value, options, cancellationToken);

    public Task<Item?> FindAsync(ItemNamespace ns, string key, bool? refresh = null, CancellationToken cancellationToken = default) =>
        Open().FindAsync(ns, key, refresh, cancellationToken);

    public Task<IReadOnlyList<Item>> SearchAsync(
        ItemNamespace prefix, ItemQuery? query = null, CancellationToken cancellationToken = default) =>
        Open().SearchAsync(prefix, query, cancellationToken);

    public Task<bool> DeleteAsync(ItemNamespace ns, string key, CancellationToken cancellationToken = default) =>
        Open().DeleteAsync(ns, key, cancellationToken);

    public Task<IReadOnlyList<ItemNamespace>> ListNamespacesAsync(
        NamespaceQuery? query = null, CancellationToken cancellationToken = default) =>
        Open().ListNamespacesAsync(query, cancellationToken);

    private IStore Open()
    {
        fence.ThrowIfClosed();
        return store;
    }
}
