using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>An actor's items, ranked by meaning when a search has a text.</summary>
internal sealed class IndexedStore(IStore store, Actor actor, StoreOptions options, ItemRanking search) : IPagedStore
{
    // A caller that reads page after page sends the same text each time.
    private RankedText? _last;

    public async Task PutAsync(
        ItemNamespace ns, string key, JsonElement value, ItemOptions? itemOptions = null, CancellationToken cancellationToken = default)
    {
        ItemFields.Check(itemOptions?.IndexedPaths);
        await store.PutAsync(ns, key, value, itemOptions, cancellationToken);
        await search.AfterPutAsync(actor, ns, key, cancellationToken);
    }

    public Task<Item?> FindAsync(ItemNamespace ns, string key, bool? refresh = null, CancellationToken cancellationToken = default) =>
        store.FindAsync(ns, key, refresh, cancellationToken);

    public async Task<IReadOnlyList<Item>> SearchAsync(
        ItemNamespace prefix, ItemQuery? query = null, CancellationToken cancellationToken = default)
    {
        var page = await OpenSearchAsync(prefix, query ?? ItemQuery.Default, cancellationToken);
        return await page.ReadAllAsync(cancellationToken);
    }

    public async Task<LazyPage<Item>> OpenSearchAsync(ItemNamespace prefix, ItemQuery query, CancellationToken cancellationToken)
    {
        if (query is not { Limit: > 0, Query: { } text } || string.IsNullOrWhiteSpace(text))
        {
            return await store.OpenPageAsync(prefix, query, cancellationToken);
        }

        if (_last is not { } last || last.Text != text)
        {
            last = new RankedText(text, await search.EmbedAsync(text, cancellationToken));
            _last = last;
        }

        return await search.OpenSearchAsync(actor, options, prefix, query, last.Vector, cancellationToken);
    }

    public Task<bool> DeleteAsync(ItemNamespace ns, string key, CancellationToken cancellationToken = default) =>
        store.DeleteAsync(ns, key, cancellationToken);

    public Task<IReadOnlyList<ItemNamespace>> ListNamespacesAsync(
        NamespaceQuery? query = null, CancellationToken cancellationToken = default) =>
        store.ListNamespacesAsync(query, cancellationToken);

    private sealed record RankedText(string Text, ItemVector Vector);
}
