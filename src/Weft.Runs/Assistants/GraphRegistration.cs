using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A graph that the server runs, under an id.</summary>
public sealed record GraphRegistration
{
    private ConfiguredGraphs? _made;

    /// <summary>The id, by which clients name the graph and its assistant.</summary>
    public required string GraphId { get; init; }

    /// <summary>The graph, as it is without a configuration of its own.</summary>
    public required CompiledGraph Graph { get; init; }

    /// <summary>Makes the graph from <c>config.configurable</c>, a JSON object, once for each configuration; null: it is always <see cref="Graph"/>.</summary>
    public Func<JsonElement, CompiledGraph>? MakeGraph { get; init; }

    /// <summary>How many graphs that <see cref="MakeGraph"/> made are kept, those used last.</summary>
    public int CachedGraphsMax { get; init; } = 100;

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>The configuration that its runs begin with: a JSON object such as <c>{"configurable":{"model":"small"}}</c>.</summary>
    public JsonElement Config { get; init; } = GraphJson.EmptyObject;

    /// <summary>The static context that its runs begin with: a JSON object.</summary>
    public JsonElement Context { get; init; } = GraphJson.EmptyObject;

    /// <summary>Whether every configuration has the same graph.</summary>
    internal bool IsFixed => MakeGraph is null;

    /// <summary>Returns the graph for <c>configurable</c>, a JSON object.</summary>
    /// <exception cref="WeftException">There is no graph for it.</exception>
    internal CompiledGraph Make(JsonElement configurable)
    {
        if (MakeGraph is null)
        {
            return Graph;
        }

        try
        {
            return LazyInitializer.EnsureInitialized(ref _made, () => new ConfiguredGraphs(MakeGraph, CachedGraphsMax)).For(configurable);
        }
        catch (Exception e)
        {
            throw new WeftException(ProblemKind.Invalid, $"The graph '{GraphId}' can't be made with this configuration: {e.Message}", "config.configurable");
        }
    }
}
