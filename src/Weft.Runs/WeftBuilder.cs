using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.Graphs;
using Weft.Runs;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts a Weft server together: graphs, storage, limits.</summary>
/// <param name="services">The services of the application.</param>
/// <param name="configuration">The configuration that options are read from; null if code alone sets them.</param>
public sealed class WeftBuilder(IServiceCollection services, IConfiguration? configuration = null)
{
    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; } = services;

    /// <summary>The configuration that options are read from, a section for each kind of options; null if code alone sets them.</summary>
    public IConfiguration? Configuration { get; } = configuration;

    /// <summary>Serves a graph.</summary>
    /// <param name="graphId">The id, by which clients name it.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="configure">Says more about it.</param>
    public WeftBuilder AddGraph(string graphId, CompiledGraph graph, Action<GraphOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return AddGraph(graphId, _ => graph, configure);
    }

    /// <summary>Serves a graph that is made of the application's services.</summary>
    /// <param name="graphId">The id, by which clients name it.</param>
    /// <param name="makeGraph">Makes the graph, once.</param>
    /// <param name="configure">Says more about it.</param>
    public WeftBuilder AddGraph(string graphId, Func<IServiceProvider, CompiledGraph> makeGraph, Action<GraphOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(makeGraph);
        return Add(graphId, configure, provider => (makeGraph(provider), null));
    }

    /// <summary>Serves a graph whose shape depends on the configuration of each run.</summary>
    /// <param name="graphId">The id, by which clients name it.</param>
    /// <param name="makeGraph">Makes the graph, from <c>config.configurable</c>, a JSON object: once for each configuration, and once without.</param>
    /// <param name="configure">Says more about it.</param>
    public WeftBuilder AddGraph(string graphId, Func<IServiceProvider, JsonElement, CompiledGraph> makeGraph, Action<GraphOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(makeGraph);
        return Add(graphId, configure, provider => (makeGraph(provider, GraphJson.EmptyObject), configurable => makeGraph(provider, configurable)));
    }

    private WeftBuilder Add(
        string graphId, Action<GraphOptions>? configure, Func<IServiceProvider, (CompiledGraph Graph, Func<JsonElement, CompiledGraph>? Make)> makeGraph)
    {
        ArgumentException.ThrowIfNullOrEmpty(graphId);
        var options = new GraphOptions();
        configure?.Invoke(options);
        Services.AddSingleton(provider =>
        {
            var (graph, make) = makeGraph(provider);
            return new GraphRegistration
            {
                GraphId = graphId,
                Graph = graph,
                MakeGraph = make,
                Description = options.Description,
                Config = options.Config,
                Context = options.Context,
                CachedGraphsMax = options.CachedGraphsMax,
            };
        });
        return this;
    }

    /// <summary>Adds an observer of runs.</summary>
    public WeftBuilder AddObserver<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TObserver>()
        where TObserver : class, IRunObserver
    {
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunObserver, TObserver>());
        return this;
    }

    /// <summary>Sets the limits of runs.</summary>
    public WeftBuilder ConfigureRuns(Action<RunsOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }
}

/// <summary>What else a served graph is given.</summary>
public sealed class GraphOptions
{
    /// <summary>What the graph is for.</summary>
    public string? Description { get; set; }

    /// <summary>The configuration that its runs begin with: a JSON object such as <c>{"configurable":{"model":"small"}}</c>. Default: <c>{}</c>.</summary>
    public JsonElement Config { get; set; } = GraphJson.EmptyObject;

    /// <summary>The static context that its runs begin with: a JSON object. Default: <c>{}</c>.</summary>
    public JsonElement Context { get; set; } = GraphJson.EmptyObject;

    /// <summary>How many graphs made from configurations are kept, those used last. Default: 100.</summary>
    public int CachedGraphsMax { get; set; } = 100;
}
