using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A graph that the server runs, under an id.</summary>
public sealed record GraphRegistration
{
    private ConfiguredGraphs? _made;

    /// <summary>The id by which clients name the graph and its assistant.</summary>
    public required string GraphId { get; init; }

    /// <summary>The graph for runs without a configuration of their own.</summary>
    public required CompiledGraph Graph { get; init; }

    /// <summary>
    /// Makes the graph from <c>config.configurable</c>, a JSON object, once for each configuration. Null means that the graph is
    /// always <see cref="Graph"/>.
    /// </summary>
    public Func<JsonElement, CompiledGraph>? MakeGraph { get; init; }

    /// <summary>
    /// The names of the headers of a request that <see cref="MakeGraph"/> reads. The others do not reach it, only the nodes.
    /// </summary>
    public IReadOnlyCollection<string> FactoryHeaders { get; init; } = [];

    /// <summary>
    /// The number of graphs made by <see cref="MakeGraph"/> that are cached. The least recently used ones are evicted.
    /// </summary>
    public int CachedGraphsMax { get; init; } = 100;

    /// <summary>
    /// How long <see cref="MakeGraph"/> may take. Then the request that needs the graph is refused with
    /// <see cref="ProblemKind.Unavailable"/>; the call goes on, and a later request finds its graph. A run that was admitted waits for
    /// its graph as for its nodes. <see cref="Timeout.InfiniteTimeSpan"/> means no limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is neither positive nor infinite, or longer than 24 days.</exception>
    public TimeSpan FactoryTimeLimit
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value.TotalMilliseconds, int.MaxValue);
            field = value > TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "It must be positive, or infinite.");
        }
    } = TimeSpan.FromSeconds(30);

    /// <summary>The purpose of the graph, for people.</summary>
    public string? Description { get; init; }

    /// <summary>The default configuration of its runs: a JSON object such as <c>{"configurable":{"model":"small"}}</c>.</summary>
    public JsonElement Config { get; init; } = GraphJson.EmptyObject;

    /// <summary>The default static context of its runs: a JSON object.</summary>
    public JsonElement Context { get; init; } = GraphJson.EmptyObject;

    /// <summary>
    /// Returns members of <c>configurable</c>, a JSON object, that only the nodes of its runs see; null if there are none. It is called
    /// each time that a run executes.
    /// </summary>
    public Func<JsonElement>? Secrets { get; init; }

    /// <summary>Whether every configuration has the same graph.</summary>
    internal bool IsFixed => MakeGraph is null;

    /// <summary>Returns the graph for <c>configurable</c>, a JSON object. The factory may throw any exception.</summary>
    /// <param name="configurable">The configuration.</param>
    /// <param name="waits">Whether to wait as long as it takes.</param>
    /// <exception cref="SlowFactoryException">The factory has not returned within <see cref="FactoryTimeLimit"/>.</exception>
    internal CompiledGraph Make(JsonElement configurable, bool waits)
    {
        if (MakeGraph is null)
        {
            return Graph;
        }

        var made = LazyInitializer.EnsureInitialized(ref _made, () => new ConfiguredGraphs(MakeGraph, CachedGraphsMax, FactoryTimeLimit));
        return made.For(configurable, waits);
    }
}
