using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The items that one call sees. Other items are treated as missing, and can't be put.</summary>
/// <param name="store">The items of the actor.</param>
/// <param name="scope">What the call sees of them, and the namespace that replaces the call's.</param>
internal sealed class ScopedStore(IStore store, ActorScope scope) : IStore
{
    private const int ScanSize = 200;

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

    public async Task<IReadOnlyList<Item>> SearchAsync(
        ItemNamespace prefix, ItemQuery? query = null, CancellationToken cancellationToken = default)
    {
        query ??= ItemQuery.Default;
        if (scope.Items.IsAll)
        {
            return await store.SearchAsync(PlaceOf(prefix), query, cancellationToken);
        }

        // The time to live of items that the call does not see does not begin again.
        var page = await PageAsync(
            query.Offset,
            query.Limit,
            (offset, limit) => store.SearchAsync(
                PlaceOf(prefix), query with { Offset = offset, Limit = limit, Refresh = false }, cancellationToken),
            item => Sees(item.Namespace, item.Key));
        foreach (var item in query.Refresh is false ? [] : page)
        {
            await store.FindAsync(item.Namespace, item.Key, query.Refresh, cancellationToken);
        }

        return page;
    }

    public async Task<IReadOnlyList<ItemNamespace>> ListNamespacesAsync(
        NamespaceQuery? query = null, CancellationToken cancellationToken = default)
    {
        query ??= NamespaceQuery.Default;
        var given = query with { Prefix = PlaceOf(query.Prefix) };
        if (scope.Items.IsAll)
        {
            return await store.ListNamespacesAsync(given, cancellationToken);
        }

        // Whether a namespace is seen depends on all of its labels, so they are cut afterwards.
        var all = await PageAsync(
            0,
            int.MaxValue,
            (offset, limit) => store.ListNamespacesAsync(given with { MaxDepth = null, Offset = offset, Limit = limit }, cancellationToken),
            ns => Sees(ns, null));
        return given.Page(all);
    }

    /// <summary>Returns a page of the results that the call sees.</summary>
    private static async Task<IReadOnlyList<T>> PageAsync<T>(
        int offset, int limit, Func<int, int, Task<IReadOnlyList<T>>> read, Func<T, bool> sees)
    {
        var page = new List<T>();
        for (int from = 0, seen = 0; page.Count < limit; from += ScanSize)
        {
            var some = await read(from, ScanSize);
            page.AddRange(some.Where(sees).Where(_ => seen++ >= offset).Take(limit - page.Count));
            if (some.Count < ScanSize)
            {
                break;
            }
        }

        return page;
    }

    private ItemNamespace PlaceOf(ItemNamespace given) => scope.Namespace ?? given;

    private bool Sees(ItemNamespace ns, string? key) =>
        scope.Items.IsAll || scope.Items.Matches(GraphJson.Parse(GraphJson.Encode((ns, key), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("namespace"u8);
            foreach (var label in s.ns)
            {
                writer.WriteStringValue(label);
            }

            writer.WriteEndArray();
            if (s.key is not null)
            {
                writer.WriteString("key"u8, s.key);
            }

            writer.WriteEndObject();
        })));
}
