using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Stores items in memory, for tests and for programs that do not need them after their end.</summary>
/// <param name="options">The defaults for calls.</param>
/// <param name="time">The clock.</param>
public sealed class InMemoryStore(StoreOptions? options = null, TimeProvider? time = null) : IStore
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly StoreOptions _options = options ?? StoreOptions.Default;
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    // Protects the two fields below.
    private readonly Lock _lock = new();
    private readonly Dictionary<ItemNamespace, Dictionary<string, Item>> _items = [];
    private DateTimeOffset _swept;

    /// <inheritdoc />
    public Task PutAsync(
        ItemNamespace ns, string key, JsonElement value, ItemOptions? options = null, CancellationToken cancellationToken = default)
    {
        var now = _time.GetUtcNow();
        var item = Item.Create(ns, key, value, options, _options, now) with { Value = value.Clone() };
        lock (_lock)
        {
            Sweep(now);
            if (!_items.TryGetValue(ns, out var items))
            {
                _items[ns] = items = [];
            }

            items[key] = items.TryGetValue(key, out var before) && IsLive(before, now) ? item with { CreatedAt = before.CreatedAt } : item;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<Item?> FindAsync(ItemNamespace ns, string key, bool? refresh = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ns);
        ArgumentNullException.ThrowIfNull(key);
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            return Task.FromResult(_items.TryGetValue(ns, out var items) && items.TryGetValue(key, out var item) && IsLive(item, now)
                ? Read(item, refresh, now)
                : null);
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<Item>> SearchAsync(
        ItemNamespace prefix, ItemQuery? query = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        query ??= ItemQuery.Default;
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<Item>>([.. _items
                .Where(items => items.Key.Path.StartsWith(prefix.Path, StringComparison.Ordinal))
                .SelectMany(items => items.Value.Values)
                .Where(item => IsLive(item, now) && query.Matches(item))
                .OrderByDescending(item => item.UpdatedAt)
                .ThenBy(item => item.Namespace.Path, StringComparer.Ordinal)
                .ThenBy(item => item.Key, StringComparer.Ordinal)
                .Skip(query.Offset).Take(query.Limit)
                .ToList()
                .Select(item => Read(item, query.Refresh, now))]);
        }
    }

    /// <inheritdoc />
    public Task<bool> DeleteAsync(ItemNamespace ns, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ns);
        ArgumentNullException.ThrowIfNull(key);
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            return Task.FromResult(_items.TryGetValue(ns, out var items) && items.Remove(key, out var item) && IsLive(item, now));
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<ItemNamespace>> ListNamespacesAsync(
        NamespaceQuery? query = null, CancellationToken cancellationToken = default)
    {
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            return Task.FromResult((query ?? NamespaceQuery.Default).Page(_items
                .Where(items => items.Value.Values.Any(item => IsLive(item, now)))
                .Select(items => items.Key)
                .OrderBy(ns => ns.Path, StringComparer.Ordinal)));
        }
    }

    private static bool IsLive(Item item, DateTimeOffset now) => !(item.ExpiresAt <= now);

    private Item Read(Item item, bool? refresh, DateTimeOffset now) => (refresh ?? _options.RefreshOnRead) && item.TimeToLive is not null
        ? _items[item.Namespace][item.Key] = item with { ExpiresAt = now + item.TimeToLive }
        : item;

    /// <summary>Removes expired items.</summary>
    private void Sweep(DateTimeOffset now)
    {
        if (now - _swept < SweepInterval)
        {
            return;
        }

        _swept = now;
        foreach (var (ns, items) in _items)
        {
            foreach (var (key, item) in items)
            {
                if (!IsLive(item, now))
                {
                    items.Remove(key);
                }
            }

            if (items.Count == 0)
            {
                _items.Remove(ns);
            }
        }
    }
}
