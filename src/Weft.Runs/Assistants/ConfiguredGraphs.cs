using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The graphs that a factory has made, by their configuration. As long as a graph is cached, its configuration has no other one,
/// because cached states of threads are read with the schema of one graph and can't serve another.
/// </summary>
/// <param name="make">The factory.</param>
/// <param name="countMax">The number of graphs to cache. The least recently used ones are evicted.</param>
internal sealed class ConfiguredGraphs(Func<JsonElement, CompiledGraph> make, int countMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, CompiledGraph Graph)>> _graphs = [];
    private readonly LinkedList<(string Key, CompiledGraph Graph)> _byUse = new();

    /// <summary>Returns the graph of a configuration, a JSON object. The factory runs outside the lock.</summary>
    public CompiledGraph For(JsonElement configurable)
    {
        var key = configurable.GetRawText();
        return Find(key) ?? Keep(key, make(configurable));
    }

    private CompiledGraph? Find(string key)
    {
        lock (_lock)
        {
            if (!_graphs.TryGetValue(key, out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Graph;
        }
    }

    private CompiledGraph Keep(string key, CompiledGraph graph)
    {
        lock (_lock)
        {
            if (_graphs.TryGetValue(key, out var earlier))
            {
                return earlier.Value.Graph;
            }

            _graphs[key] = _byUse.AddFirst((key, graph));
            if (_graphs.Count > countMax)
            {
                _graphs.Remove(_byUse.Last!.Value.Key);
                _byUse.RemoveLast();
            }

            return graph;
        }
    }
}
