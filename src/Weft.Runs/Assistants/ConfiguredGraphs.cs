using System.Globalization;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The graphs that a factory has made, by their configuration. As long as a graph is cached, its configuration has no other one,
/// because cached states of threads are read with the schema of one graph and can't serve another.
/// </summary>
/// <param name="make">The factory.</param>
/// <param name="countMax">The number of graphs to cache. The least recently used ones are evicted.</param>
/// <param name="limit">How long callers wait for the factory, measured from its start; an infinite time means no limit.</param>
internal sealed class ConfiguredGraphs(Func<JsonElement, CompiledGraph> make, int countMax, TimeSpan limit)
{
    // Each call of the factory has a thread, which clients could otherwise multiply with configurations that make it hang.
    private const int CallsMax = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, CompiledGraph Graph)>> _graphs = [];
    private readonly LinkedList<(string Key, CompiledGraph Graph)> _byUse = new();
    private readonly Dictionary<string, Making> _making = [];
    private int _calls;

    /// <summary>
    /// Returns the graph of a configuration, a JSON object. Any exception of the factory is thrown. Callers of one configuration share a
    /// call of the factory. If it fails, those that joined it each make a call of their own, because the factory may have failed due to
    /// the request of the caller that began it.
    /// </summary>
    /// <param name="configurable">The configuration.</param>
    /// <param name="waits">Whether to wait as long as it takes.</param>
    /// <exception cref="SlowFactoryException">
    /// The factory has not returned within its time. It goes on, and a later call finds its graph. Or too many calls of it go on.
    /// </exception>
    public CompiledGraph For(JsonElement configurable, bool waits)
    {
        var key = configurable.GetRawText();
        var withoutLimit = waits || limit == Timeout.InfiniteTimeSpan;
        Making making;
        bool hasJoined;
        lock (_lock)
        {
            if (FindKept(key) is { } kept)
            {
                return kept;
            }

            hasJoined = _making.TryGetValue(key, out making);
            if (!hasJoined)
            {
                making = TryBegin(key, configurable) ?? throw new SlowFactoryException($"{CallsMax} calls of it have not returned.");
            }
        }

        if (hasJoined && WaitFor(making, withoutLimit) && !making.Graph.IsCompletedSuccessfully)
        {
            lock (_lock)
            {
                if (FindKept(key) is { } kept)
                {
                    return kept;
                }

                making = TryBegin(key, configurable) ?? making;
            }
        }

        return WaitFor(making, withoutLimit)
            ? making.Graph.GetAwaiter().GetResult()
            : throw new SlowFactoryException(
                string.Create(CultureInfo.InvariantCulture, $"It has not returned within {limit.TotalSeconds} s."));
    }

    /// <summary>Waits, and does not throw if the factory has failed.</summary>
    private bool WaitFor(Making making, bool withoutLimit)
    {
        var left = limit - TimeProvider.System.GetElapsedTime(making.Start);
        return making.Graph.IsCompleted
            || Task.WaitAny([making.Graph], withoutLimit ? Timeout.InfiniteTimeSpan : left < TimeSpan.Zero ? TimeSpan.Zero : left) == 0;
    }

    /// <summary>Returns the cached graph of a configuration; null if there is none. The caller holds the lock.</summary>
    private CompiledGraph? FindKept(string key)
    {
        if (!_graphs.TryGetValue(key, out var node))
        {
            return null;
        }

        _byUse.Remove(node);
        _byUse.AddFirst(node);
        return node.Value.Graph;
    }

    /// <summary>
    /// Calls the factory. Others join the call, unless they already can join another one. Null if too many calls go on. The caller holds
    /// the lock.
    /// </summary>
    private Making? TryBegin(string key, JsonElement configurable)
    {
        if (_calls == CallsMax)
        {
            return null;
        }

        var isShared = !_making.ContainsKey(key);
        // A thread of its own, because a factory that hangs would keep one of those that serve requests.
        var task = Task.Factory.StartNew(
            () => Make(key, configurable, isShared), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var making = new Making(task, TimeProvider.System.GetTimestamp());
        _calls++;
        if (isShared)
        {
            _making.Add(key, making);
        }

        return making;
    }

    private CompiledGraph Make(string key, JsonElement configurable, bool isShared)
    {
        try
        {
            var made = make(configurable) ?? throw new InvalidOperationException("The factory returned null.");
            lock (_lock)
            {
                return FindKept(key) ?? Keep(key, made);
            }
        }
        finally
        {
            lock (_lock)
            {
                _calls--;
                if (isShared)
                {
                    _making.Remove(key);
                }
            }
        }
    }

    private CompiledGraph Keep(string key, CompiledGraph graph)
    {
        _graphs[key] = _byUse.AddFirst((key, graph));
        if (_graphs.Count > countMax)
        {
            _graphs.Remove(_byUse.Last!.Value.Key);
            _byUse.RemoveLast();
        }

        return graph;
    }

    /// <summary>A call of the factory that has not returned.</summary>
    private readonly record struct Making(Task<CompiledGraph> Graph, long Start);
}
