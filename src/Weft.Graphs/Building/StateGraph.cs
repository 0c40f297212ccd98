using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>
/// Builds a graph of channels, nodes and edges. <see cref="Compile"/> checks it and makes it runnable.
/// </summary>
public sealed partial class StateGraph
{
    /// <summary>Where the graph begins: the source of the first edges.</summary>
    public const string Start = "__start__";

    /// <summary>Where the graph ends: the target of an edge or route that leads no further.</summary>
    public const string End = "__end__";

    private readonly List<StateChannel> _channels = [];
    private readonly Dictionary<string, (NodeFunction Function, NodeOptions Options, CompiledGraph? Subgraph)> _nodes = [];
    private readonly List<(string Source, string Target)> _edges = [];
    private readonly List<(string Source, Branch Branch)> _branches = [];
    private readonly List<Barrier> _barriers = [];
    private readonly List<NodeDecorator> _decorators = [];
    private readonly List<ConfigurableChoice> _choices = [];
    private IReadOnlyList<StateChannel>? _input;
    private IReadOnlyList<StateChannel>? _output;
    private JsonTypeInfo? _context;
    private JsonTypeInfo? _configurable;

    /// <summary>Adds a channel of the state.</summary>
    /// <exception cref="GraphBuildException">The name is taken.</exception>
    public StateGraph AddChannel(StateChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        if (_channels.Exists(other => other.Name == channel.Name))
        {
            throw new GraphBuildException($"The graph already has a channel '{channel.Name}'; give this one another name.");
        }

        _channels.Add(channel);
        return this;
    }

    /// <summary>Adds channels of the state.</summary>
    /// <exception cref="GraphBuildException">A name is taken.</exception>
    public StateGraph AddChannels(params IEnumerable<StateChannel> channels)
    {
        ArgumentNullException.ThrowIfNull(channels);
        foreach (var channel in channels)
        {
            AddChannel(channel);
        }

        return this;
    }

    /// <summary>Adds a node that computes without waiting.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="run">Its work.</param>
    /// <param name="options">How it is run.</param>
    /// <exception cref="GraphBuildException">The name is taken or not a node's.</exception>
    [OverloadResolutionPriority(2)]
    public StateGraph AddNode(string name, Func<NodeContext, NodeResult> run, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return AddNode(name, (context, _) => new ValueTask<NodeResult>(run(context)), options, subgraph: null);
    }

    /// <summary>Adds a node.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="run">Its work.</param>
    /// <param name="options">How it is run.</param>
    /// <exception cref="GraphBuildException">The name is taken or not a node's.</exception>
    [OverloadResolutionPriority(2)]
    public StateGraph AddNode(string name, Func<NodeContext, CancellationToken, Task<NodeResult>> run, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return AddNode(
            name,
            (context, cancellationToken) => new ValueTask<NodeResult>(run(context, cancellationToken)),
            options,
            subgraph: null);
    }

    /// <summary>
    /// Adds a graph as a node. Channels of the same names carry its input in and its state out. Its state is written as
    /// if a node had returned it, through the reducers of this graph. It runs under a checkpoint namespace of its own.
    /// </summary>
    /// <param name="name">The node's name.</param>
    /// <param name="subgraph">The graph.</param>
    /// <param name="options">How it is run.</param>
    /// <exception cref="GraphBuildException">The name is taken or not a node's.</exception>
    public StateGraph AddNode(string name, CompiledGraph subgraph, NodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(subgraph);
        return AddNode(
            name,
            (context, cancellationToken) => SubgraphNode.RunAsync(context, subgraph, cancellationToken),
            options,
            subgraph);
    }

    /// <summary>
    /// Adds an edge: when <paramref name="source"/> has run, <paramref name="target"/> runs in the next superstep.
    /// </summary>
    public StateGraph AddEdge(string source, string target)
    {
        CheckEnds(source, target);
        _edges.Add((source, target));
        return this;
    }

    /// <summary>Adds an edge from several nodes: <paramref name="target"/> runs once all of them have run.</summary>
    public StateGraph AddEdge(IReadOnlyList<string> sources, string target)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count == 0)
        {
            throw new GraphBuildException($"The edge to '{target}' has no source; name the nodes that it waits for.");
        }

        foreach (var source in sources)
        {
            CheckEnds(source, target);
        }

        var barrier = new Barrier([.. sources.Distinct()], target);
        if (!_barriers.Exists(other => other.Name == barrier.Name))
        {
            _barriers.Add(barrier);
        }

        return this;
    }

    /// <summary>Adds a choice of one next node after <paramref name="source"/>.</summary>
    /// <param name="source">The node, or <see cref="Start"/>.</param>
    /// <param name="route">Sees the state with the node's writes applied and names the next node, or
    /// <see cref="End"/>.</param>
    /// <param name="targets">The nodes it may name, for checks and drawings; any, when not given.</param>
    [OverloadResolutionPriority(2)]
    public StateGraph AddConditionalEdges(string source, Func<NodeContext, Destination> route, IReadOnlyList<string>? targets = null)
    {
        ArgumentNullException.ThrowIfNull(route);
        return AddBranch(source, (context, _) => new ValueTask<IReadOnlyList<Destination>>([route(context)]), targets);
    }

    /// <summary>Adds a choice of any number of next nodes and sends after <paramref name="source"/>.</summary>
    [OverloadResolutionPriority(1)]
    public StateGraph AddConditionalEdges(
        string source, Func<NodeContext, IReadOnlyList<Destination>> route, IReadOnlyList<string>? targets = null)
    {
        ArgumentNullException.ThrowIfNull(route);
        return AddBranch(source, (context, _) => new ValueTask<IReadOnlyList<Destination>>(route(context)), targets);
    }

    /// <summary>
    /// Adds a choice, made by waiting for something, of any number of next nodes and sends after
    /// <paramref name="source"/>.
    /// </summary>
    [OverloadResolutionPriority(1)]
    public StateGraph AddConditionalEdges(
        string source,
        Func<NodeContext, CancellationToken, Task<IReadOnlyList<Destination>>> route,
        IReadOnlyList<string>? targets = null)
    {
        ArgumentNullException.ThrowIfNull(route);
        return AddBranch(
            source,
            (context, cancellationToken) => new ValueTask<IReadOnlyList<Destination>>(route(context, cancellationToken)),
            targets);
    }

    /// <summary>Adds a choice of one next node after <paramref name="source"/>, by the result of a function.</summary>
    /// <param name="source">The node, or <see cref="Start"/>.</param>
    /// <param name="find">Sees the state with the node's writes applied.</param>
    /// <param name="ways">The node for each result.</param>
    public StateGraph AddConditionalEdges<TKey>(string source, Func<NodeContext, TKey> find, IReadOnlyDictionary<TKey, string> ways)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(find);
        ArgumentNullException.ThrowIfNull(ways);
        string[] targets = [.. ways.Values];
        CheckEnds(source, targets is [var first, ..] ? first : End);
        ValueTask<IReadOnlyList<Destination>> Choose(NodeContext context, CancellationToken cancellationToken)
        {
            var found = find(context);
            return ways.TryGetValue(found, out var target)
                ? new([target])
                : throw new InvalidUpdateException(
                    $"The conditional edge from '{source}' has no node for '{found}', only for {string.Join(", ", ways.Keys)}.");
        }

        _branches.Add((source, new Branch(Choose, targets, [.. ways.Keys.Select(key => key.ToString() ?? "")])));
        return this;
    }

    /// <summary>
    /// Runs a decorator around each node of the graph, also around those that are added later. The one that is added first is
    /// the outermost.
    /// </summary>
    /// <remarks>
    /// Decorators run in each try of a node, inside of its <see cref="NodeOptions.Retry"/> and
    /// <see cref="NodeOptions.Timeout"/>, and outside of its own <see cref="NodeOptions.Use"/>. They do not run if the result
    /// comes from the cache, nor around conditional edges. A node that is a graph is decorated as a whole.
    /// </remarks>
    public StateGraph Use(NodeDecorator decorator)
    {
        ArgumentNullException.ThrowIfNull(decorator);
        _decorators.Add(decorator);
        return this;
    }

    /// <summary>
    /// Says which channels input may write; by default all. Members of an input for other channels are left out.
    /// </summary>
    public StateGraph Input(params IReadOnlyList<StateChannel> channels)
    {
        _input = channels;
        return this;
    }

    /// <summary>
    /// Says which channels a graph around this one gets back; by default all. Streams and states show all of them.
    /// </summary>
    public StateGraph Output(params IReadOnlyList<StateChannel> channels)
    {
        _output = channels;
        return this;
    }

    /// <summary>Declares the type of the static context of a run, for the graph's schemas.</summary>
    public StateGraph Context<T>(JsonTypeInfo<T>? typeInfo = null)
    {
        _context = typeInfo ?? GraphJson.WebTypeInfo<T>();
        return this;
    }

    /// <summary>Declares the type of <c>config.configurable</c> of a run, for the graph's schemas.</summary>
    public StateGraph Configurable<T>(JsonTypeInfo<T>? typeInfo = null)
    {
        _configurable = typeInfo ?? GraphJson.TypeInfo<T>();
        return this;
    }

    /// <summary>
    /// Declares that a member of <c>config.configurable</c> is one of some texts, such as the names of models. A server refuses runs and
    /// assistants with another value, and the graph's schemas list the texts. The choices of subgraphs that are known when this graph
    /// is compiled are those of this graph too; if several declare the same member, a value must be one that all of them accept.
    /// </summary>
    /// <param name="name">The name of the member.</param>
    /// <param name="values">The texts, in the order in which people see them.</param>
    /// <param name="defaultValue">The text that a run without the member has; null if there is none.</param>
    /// <exception cref="GraphBuildException">There are no texts, or the default is none of them.</exception>
    public StateGraph AddConfigurableChoice(string name, IReadOnlyList<string> values, string? defaultValue = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
        {
            throw new GraphBuildException($"The choice '{name}' has no values.");
        }

        if (defaultValue is not null && !values.Contains(defaultValue))
        {
            throw new GraphBuildException($"The default '{defaultValue}' of '{name}' is none of {string.Join(", ", values)}.");
        }

        _choices.Add(new ConfigurableChoice(name, [.. values], defaultValue));
        return this;
    }

    /// <summary>Checks the graph and makes it runnable.</summary>
    /// <param name="options">Further settings of the graph.</param>
    /// <exception cref="GraphBuildException">
    /// An edge names a node that does not exist, a node can't be reached, nothing follows <see cref="Start"/>, a node with
    /// <see cref="NodeOptions.GotoReplacesEdges"/> has conditional edges, or no value of a choice is one that all subgraphs accept.
    /// </exception>
    public CompiledGraph Compile(CompileOptions? options = null)
    {
        options ??= new CompileOptions();
        GraphValidation.Check(
            [.. _nodes.Keys],
            _edges,
            [
                .. _branches.Select(branch => ("The conditional edge from", branch.Source, branch.Branch.Targets)),
                .. _nodes.Select(node => ("A destination of", node.Key, (IReadOnlyList<string>?)node.Value.Options.Destinations)),
            ],
            _barriers,
            options);
        if (_branches.Find(branch => IsLedAway(branch.Source)) is { Source: { } source })
        {
            throw new GraphBuildException(
                $"The node '{source}' has GotoReplacesEdges, so it can't have conditional edges. Let the node return a Command instead.");
        }

        return new CompiledGraph(
            new ChannelSchema(_channels),
            _nodes.Select((node, index) => Build(
                    node.Key, index, Decorated(node.Value.Function, node.Value.Options), node.Value.Options, node.Value.Subgraph))
                .ToDictionary(node => node.Name),
            Build(Start, -1, static (_, _) => default, NodeOptions.Default, null),
            options)
        {
            InputChannels = Declared(_input, "Input"),
            OutputChannels = Declared(_output, "Output"),
            ContextType = _context,
            ConfigurableType = _configurable,
            ConfigurableChoices = ConfigurableChoice.Join(
                _choices.Concat(
                    _nodes.Values.SelectMany(node => node.Options.Subgraphs.Concat(node.Subgraph is { } graph ? [graph] : []))
                        .SelectMany(graph => graph.ConfigurableChoices))),
        };
    }

    private StateGraph AddNode(string name, NodeFunction function, NodeOptions? options, CompiledGraph? subgraph)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name is Start or End || name.IndexOfAny(['|', ':']) >= 0)
        {
            throw new GraphBuildException(
                $"'{name}' can't name a node: '{Start}' and '{End}' are the graph's own, '|' and ':' divide namespaces.");
        }

        if (name.Any(char.IsControl))
        {
            throw new GraphBuildException(
                "The name of a node must not have control characters: "
                    + $"'{string.Concat(name.Select(c => char.IsControl(c) ? '?' : c))}'.");
        }

        if (!_nodes.TryAdd(name, (function, options ?? NodeOptions.Default, subgraph)))
        {
            throw new GraphBuildException($"The graph already has a node '{name}'; give this one another name.");
        }

        return this;
    }

    private StateGraph AddBranch(string source, RouteFunction function, IReadOnlyList<string>? targets)
    {
        CheckEnds(source, targets is { Count: > 0 } ? targets[0] : End);
        _branches.Add((source, new Branch(function, targets)));
        return this;
    }

    private bool IsLedAway(string source) => _nodes.TryGetValue(source, out var node) && node.Options.GotoReplacesEdges;

    /// <summary>The function of a node with its decorators around it.</summary>
    private NodeFunction Decorated(NodeFunction function, NodeOptions options)
    {
        foreach (var decorator in _decorators.Concat(options.Use).Reverse())
        {
            var next = function;
            function = (context, cancellationToken) => decorator(context, next, cancellationToken);
        }

        return function;
    }

    private static void CheckEnds(string source, string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(target);
        if (source == End || target == Start)
        {
            throw new GraphBuildException($"An edge can't leave '{End}' or lead to '{Start}'.");
        }
    }

    private IReadOnlyList<StateChannel> Declared(IReadOnlyList<StateChannel>? channels, string what) => channels is null ? [.. _channels]
        : channels.FirstOrDefault(channel => !_channels.Contains(channel)) is { } missing
            ? throw new GraphBuildException(
                $"{what} names the channel '{missing.Name}', which is not in the graph. Add it with AddChannel.")
            : channels;

    private GraphNode Build(string name, int index, NodeFunction function, NodeOptions options, CompiledGraph? subgraph) => new()
    {
        Name = name,
        Index = index,
        Function = function,
        Options = options,
        Subgraph = subgraph,
        Targets = [.. _edges.Where(edge => edge.Source == name).Select(edge => edge.Target).Distinct()],
        Branches = [.. _branches.Where(branch => branch.Source == name).Select(branch => branch.Branch)],
        Barriers = [.. _barriers.Where(barrier => barrier.Sources.Contains(name))],
    };
}
