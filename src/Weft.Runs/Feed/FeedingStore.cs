using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The items of an actor. Changes are published in the feed.</summary>
internal sealed class FeedingStore(IStore store, string owner, EventFeed feed) : IPagedStore
{
    public async Task PutAsync(
        ItemNamespace ns, string key, JsonElement value, ItemOptions? options = null, CancellationToken cancellationToken = default)
    {
        await store.PutAsync(ns, key, value, options, cancellationToken);
        Publish(ns, key);
    }

    public Task<Item?> FindAsync(ItemNamespace ns, string key, bool? refresh = null, CancellationToken cancellationToken = default) =>
        store.FindAsync(ns, key, refresh, cancellationToken);

    public Task<IReadOnlyList<Item>> SearchAsync(
        ItemNamespace prefix, ItemQuery? query = null, CancellationToken cancellationToken = default) =>
        store.SearchAsync(prefix, query, cancellationToken);

    public Task<LazyPage<Item>> OpenSearchAsync(ItemNamespace prefix, ItemQuery query, CancellationToken cancellationToken) =>
        store.OpenPageAsync(prefix, query, cancellationToken);

    public async Task<bool> DeleteAsync(ItemNamespace ns, string key, CancellationToken cancellationToken = default)
    {
        var deleted = await store.DeleteAsync(ns, key, cancellationToken);
        if (deleted)
        {
            Publish(ns, key);
        }

        return deleted;
    }

    public Task<IReadOnlyList<ItemNamespace>> ListNamespacesAsync(
        NamespaceQuery? query = null, CancellationToken cancellationToken = default) =>
        store.ListNamespacesAsync(query, cancellationToken);

    private void Publish(ItemNamespace ns, string key) =>
        feed.Publish(new FeedEvent(FeedEventKind.ItemChanged, owner, feed.Now) { Namespace = ns, Key = key });
}
