using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The items that one call sees. Other items are treated as missing, and can't be put.</summary>
/// <param name="store">The items of the actor.</param>
/// <param name="scope">What the call sees of them, and the namespace that replaces the call's.</param>
internal sealed class ScopedStore(IStore store, ActorScope scope) : IPagedStore
{
    public Task PutAsync(
        ItemNamespace ns, string key, JsonElement value, ItemOptions? options = null, CancellationToken cancellationToken = default) =>
        Sees(PlaceOf(ns), key)
            ? store.PutAsync(PlaceOf(ns), key, value, options, cancellationToken)
            : throw new WeftException(ProblemKind.Forbidden, "The caller may not put items into this namespace.");

    public async Task<Item?> FindAsync(
        ItemNamespace ns, string key, bool? refresh = null, CancellationToken cancellationToken = default) =>
        Sees(PlaceOf(ns), key) ? await store.FindAsync(PlaceOf(ns), key, refresh, cancellationToken) : null;

    public async Task<bool> DeleteAsync(ItemNamespace ns, string key, CancellationToken cancellationToken = default) =>
        Sees(PlaceOf(ns), key) && await store.DeleteAsync(PlaceOf(ns), key, cancellationToken);

    public Task<IReadOnlyList<Item>> SearchAsync(
        ItemNamespace prefix, ItemQuery? query = null, CancellationToken cancellationToken = default) =>
        store.SearchAsync(PlaceOf(prefix), Seen(query ?? ItemQuery.Default), cancellationToken);

    public Task<LazyPage<Item>> OpenSearchAsync(ItemNamespace prefix, ItemQuery query, CancellationToken cancellationToken) =>
        store.OpenPageAsync(PlaceOf(prefix), Seen(query), cancellationToken);

    public Task<IReadOnlyList<ItemNamespace>> ListNamespacesAsync(
        NamespaceQuery? query = null, CancellationToken cancellationToken = default)
    {
        query ??= NamespaceQuery.Default;
        var given = query with { Prefix = PlaceOf(query.Prefix) };
        return store.ListNamespacesAsync(
            scope.Items.IsAll ? given : given with { Where = ns => Sees(ns, null) && query.Where?.Invoke(ns) != false },
            cancellationToken);
    }

    private ItemQuery Seen(ItemQuery query) => scope.Items.IsAll
        ? query
        : query with { Where = (ns, key) => Sees(ns, key) && query.Where?.Invoke(ns, key) != false };

    private ItemNamespace PlaceOf(ItemNamespace given) => scope.Namespace ?? given;

    private bool Sees(ItemNamespace ns, string? key) => scope.Items.MatchesItem(ns, key);
}
