using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.Graphs;
using Weft.Runs;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Builds a Weft server from graphs, storage and limits.</summary>
/// <param name="services">The services of the application.</param>
/// <param name="configuration">The configuration that options are read from; null if code alone sets them.</param>
public sealed class WeftBuilder(IServiceCollection services, IConfiguration? configuration = null)
{
    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; } = services;

    /// <summary>The configuration that options are read from, a section for each kind of options; null if code alone sets them.</summary>
    public IConfiguration? Configuration { get; } = configuration;

    /// <summary>Serves a graph.</summary>
    /// <param name="graphId">The id by which clients name it.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="configure">Sets further properties.</param>
    public WeftBuilder AddGraph(string graphId, CompiledGraph graph, Action<GraphOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return AddGraph(graphId, _ => graph, configure);
    }

    /// <summary>Serves a graph that is built from the application's services.</summary>
    /// <param name="graphId">The id by which clients name it.</param>
    /// <param name="makeGraph">Builds the graph. It is called once.</param>
    /// <param name="configure">Sets further properties.</param>
    public WeftBuilder AddGraph(string graphId, Func<IServiceProvider, CompiledGraph> makeGraph, Action<GraphOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(makeGraph);
        return Add(graphId, configure, provider => (makeGraph(provider), null));
    }

    /// <summary>Serves a graph whose shape depends on the configuration of each run.</summary>
    /// <param name="graphId">The id by which clients name it.</param>
    /// <param name="makeGraph">
    /// Builds the graph from <c>config.configurable</c>, a JSON object. It is called once for each configuration, and once with
    /// an empty one. Headers of the request are not part of it, except those in <see cref="GraphOptions.FactoryHeaders"/>.
    /// </param>
    /// <param name="configure">Sets further properties.</param>
    public WeftBuilder AddGraph(
        string graphId, Func<IServiceProvider, JsonElement, CompiledGraph> makeGraph, Action<GraphOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(makeGraph);
        return Add(
            graphId,
            configure,
            provider => (makeGraph(provider, GraphJson.EmptyObject), configurable => makeGraph(provider, configurable)));
    }

    private WeftBuilder Add(
        string graphId,
        Action<GraphOptions>? configure,
        Func<IServiceProvider, (CompiledGraph Graph, Func<JsonElement, CompiledGraph>? Make)> makeGraph)
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
                Secrets = options.Secrets is { } secrets ? () => secrets(provider) : null,
                FactoryHeaders = [.. options.FactoryHeaders],
                CachedGraphsMax = options.CachedGraphsMax,
                FactoryTimeLimit = options.FactoryTimeLimit,
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

/// <summary>Further properties of a served graph.</summary>
public sealed class GraphOptions
{
    /// <summary>The purpose of the graph, for people.</summary>
    public string? Description { get; set; }

    /// <summary>
    /// The default configuration of its runs: a JSON object such as <c>{"configurable":{"model":"small"}}</c>. Default:
    /// <c>{}</c>.
    /// </summary>
    public JsonElement Config { get; set; } = GraphJson.EmptyObject;

    /// <summary>The default static context of its runs: a JSON object. Default: <c>{}</c>.</summary>
    public JsonElement Context { get; set; } = GraphJson.EmptyObject;

    /// <summary>
    /// Returns members of <c>configurable</c>, a JSON object such as <c>{"api_key":"..."}</c>, that only the nodes of its runs see. They
    /// replace members of the same names, which clients may have sent. Neither they nor their names are stored or shown to clients, and
    /// graph factories do not get them. It is called with the application's services each time that a run executes, so that a new
    /// value is used at once. Default: none.
    /// </summary>
    public Func<IServiceProvider, JsonElement>? Secrets { get; set; }

    /// <summary>
    /// The names of the headers of a request that the factory of the graph finds in <c>configurable</c>, as far as
    /// <c>WeftServerOptions.ConfigurableHeaders</c> include them. Nodes find all included headers there. A graph is made and cached for
    /// each value of these headers. When the thread is read later, the graph is made without them. Default: none.
    /// </summary>
    public IList<string> FactoryHeaders { get; } = [];

    /// <summary>
    /// The number of graphs made from configurations that are cached. The least recently used ones are evicted. Default: 100.
    /// </summary>
    public int CachedGraphsMax { get; set; } = 100;

    /// <summary>
    /// How long the factory of the graph may take for one configuration. Then the request that needs the graph is answered with 503;
    /// the call goes on, and a later request finds its graph. <see cref="Timeout.InfiniteTimeSpan"/> means no limit. Default: 30 seconds.
    /// </summary>
    public TimeSpan FactoryTimeLimit { get; set; } = TimeSpan.FromSeconds(30);
}
