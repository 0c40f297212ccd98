using System.Collections.Concurrent;

namespace Weft.Graphs;

/// <summary>Keeps results of nodes in memory. When there are too many, the oldest is evicted.</summary>
/// <param name="time">The clock.</param>
/// <param name="entriesMax">How many results are kept at most.</param>
public sealed class InMemoryNodeCache(TimeProvider? time = null, int entriesMax = 10_000) : INodeCache
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, (ReadOnlyMemory<byte> Result, DateTimeOffset? Expires)> _entries = new();
    private readonly ConcurrentQueue<string> _order = new();

    /// <inheritdoc />
    public ValueTask<ReadOnlyMemory<byte>?> FindAsync(string key, CancellationToken cancellationToken) =>
        new(_entries.TryGetValue(key, out var entry) && !(entry.Expires <= _time.GetUtcNow()) ? (ReadOnlyMemory<byte>?)entry.Result : null);

    /// <inheritdoc />
    public ValueTask PutAsync(string key, ReadOnlyMemory<byte> result, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        var entry = (result, _time.GetUtcNow() + timeToLive);
        if (!_entries.TryAdd(key, entry))
        {
            _entries[key] = entry;
            return ValueTask.CompletedTask;
        }

        _order.Enqueue(key);
        while (_order.Count > entriesMax && _order.TryDequeue(out var oldest))
        {
            _entries.TryRemove(oldest, out _);
        }

        return ValueTask.CompletedTask;
    }
}
