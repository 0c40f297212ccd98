using System.Collections.Concurrent;

namespace Weft.Graphs;

/// <summary>Keeps results of nodes in memory, the newest <paramref name="entriesMax"/> of them.</summary>
/// <param name="time">The clock.</param>
/// <param name="entriesMax">How many results are kept at most.</param>
public sealed class InMemoryNodeCache(TimeProvider? time = null, int entriesMax = 10_000) : INodeCache
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, (ReadOnlyMemory<byte> Result, DateTimeOffset? Expires)> _entries = new();
    private readonly ConcurrentQueue<string> _order = new();

    /// <inheritdoc />
    public ValueTask<ReadOnlyMemory<byte>?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return new((ReadOnlyMemory<byte>?)null);
        }

        if (entry.Expires <= _time.GetUtcNow())
        {
            _entries.TryRemove(KeyValuePair.Create(key, entry));
            return new((ReadOnlyMemory<byte>?)null);
        }

        return new(entry.Result);
    }

    /// <inheritdoc />
    public ValueTask PutAsync(string key, ReadOnlyMemory<byte> result, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        _entries[key] = (result, _time.GetUtcNow() + timeToLive);
        _order.Enqueue(key);
        while (_order.Count > entriesMax && _order.TryDequeue(out var oldest))
        {
            _entries.TryRemove(oldest, out _);
        }

        return ValueTask.CompletedTask;
    }
}
