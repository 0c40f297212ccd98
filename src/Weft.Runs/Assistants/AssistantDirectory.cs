using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The graphs of the server, and the assistant that each of them has, which can also be named by the id of the graph.</summary>
public sealed partial class AssistantDirectory
{
    /// <summary>The metadata of the assistants of graphs, which those that are made of them keep.</summary>
    internal static readonly JsonElement SystemMetadata = GraphJson.Parse("""{"created_by":"system"}"""u8);

    private readonly Dictionary<string, GraphRegistration> _graphs = [];
    private readonly Lazy<Dictionary<string, AssistantRecord>> _byGraph;
    private readonly Lazy<Dictionary<AssistantId, AssistantRecord>> _byId;
    private readonly RunsOptions _options;
    private readonly ILogger _logger;

    /// <summary>Creates an assistant for each graph.</summary>
    /// <exception cref="ArgumentException">Two graphs have the same id.</exception>
    public AssistantDirectory(IEnumerable<GraphRegistration> graphs, TimeProvider time)
        : this(graphs, time, new RunsOptions(), NullLogger.Instance)
    {
    }

    internal AssistantDirectory(IEnumerable<GraphRegistration> graphs, TimeProvider time, RunsOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(graphs);
        ArgumentNullException.ThrowIfNull(time);
        (_options, _logger) = (options, logger);
        foreach (var graph in graphs)
        {
            ArgumentException.ThrowIfNullOrEmpty(graph.GraphId, nameof(graphs));
            if (!_graphs.TryAdd(graph.GraphId, graph))
            {
                throw new ArgumentException($"Two graphs have the id '{graph.GraphId}'; give one of them another.", nameof(graphs));
            }
        }

        // The routes are mapped before the database is open, and its clock dates the assistants.
        var now = SharedClock.DeferNow(time);
        _byGraph = new(() => _graphs.Values.ToDictionary(graph => graph.GraphId, graph => AssistantOf(graph, now.Value)));
        _byId = new(() => _byGraph.Value.Values.ToDictionary(assistant => assistant.AssistantId));
    }

    /// <summary>All assistants, in the order in which their graphs were added.</summary>
    public IReadOnlyCollection<AssistantRecord> All => _byGraph.Value.Values;

    /// <summary>Returns the graph with this id, or null.</summary>
    public GraphRegistration? FindGraph(string graphId) => _graphs.GetValueOrDefault(graphId);

    /// <summary>
    /// Returns the assistant of a graph, by its id or that of the graph; null if neither exists. Assistants that clients created
    /// are found by <see cref="AssistantsFacade"/>.
    /// </summary>
    public AssistantRecord? Find(string assistantOrGraphId)
    {
        ArgumentNullException.ThrowIfNull(assistantOrGraphId);
        return _byGraph.Value.TryGetValue(assistantOrGraphId, out var assistant)
            || (AssistantId.TryParse(assistantOrGraphId, null, out var id) && _byId.Value.TryGetValue(id, out assistant))
            ? assistant
            : null;
    }

    /// <summary>Returns the assistant of a graph with this id, or null.</summary>
    public AssistantRecord? Find(AssistantId assistantId) => _byId.Value.GetValueOrDefault(assistantId);

    private static AssistantRecord AssistantOf(GraphRegistration graph, DateTimeOffset now) => new()
    {
        AssistantId = AssistantIds.ForGraph(graph.GraphId),
        GraphId = graph.GraphId,
        Name = graph.GraphId,
        Description = graph.Description,
        Config = graph.Config,
        Context = graph.Context,
        Metadata = SystemMetadata,
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>
    /// Returns the graph that a thread's metadata names. If a factory makes it, the configuration is the assistant's with the
    /// thread's merged over it. Null if the metadata names no graph that this server has.
    /// </summary>
    internal CompiledGraph? GraphOf(ThreadRecord thread)
    {
        if (thread.Metadata.Length <= 2
            || !GraphJson.Parse(Encoding.UTF8.GetBytes(thread.Metadata)).TryGetProperty("graph_id", out var id)
            || id.ValueKind != JsonValueKind.String
            || Find(id.GetString()!) is not { } assistant)
        {
            return null;
        }

        if (_graphs[assistant.GraphId] is { IsFixed: true } graph)
        {
            return graph.Graph;
        }

        var ofThread = ReservedNames.Remove(GraphJson.Parse(Encoding.UTF8.GetBytes(thread.GraphConfig ?? thread.Config)));
        return GraphOf(assistant, ConfigMerge.Deep(assistant.Config, ofThread), headers: null, thread.Owner);
    }

    /// <summary>
    /// Returns the graph of a run; null if the server no longer has it, or if the factory refuses the configuration of the run.
    /// </summary>
    /// <exception cref="WeftException">The factory takes too long.</exception>
    internal CompiledGraph? GraphOf(RunRecord run)
    {
        try
        {
            var spec = RunKwargs.Read(run);
            return Find(run, spec) is { } assistant ? GraphOf(assistant, spec.Config, spec.Headers, run.Owner) : null;
        }
        catch (UnreadableRunException)
        {
            return Find(run.AssistantId) is { } assistant && _graphs[assistant.GraphId] is { IsFixed: true } graph ? graph.Graph : null;
        }
        catch (WeftException e) when (e.Kind != ProblemKind.Unavailable)
        {
            // A run must end even if its graph can no longer be made.
            return null;
        }
    }

    /// <summary>
    /// Returns the assistant of a run that was admitted before, with the graph that the run had then; null if the server no longer
    /// has that graph. The assistant may have changed since, but the run has its own configuration.
    /// </summary>
    internal AssistantRecord? Find(RunRecord run, RunSpec spec) =>
        spec.GraphId is not { } graphId ? Find(run.AssistantId)
        : _byGraph.Value.TryGetValue(graphId, out var ofGraph) ? ofGraph with { AssistantId = run.AssistantId }
        : null;

    /// <summary>
    /// Returns the configuration of an assistant. If clients have made the assistant, it is without the members that only the server
    /// may set, and without those that have the name of a header of the request.
    /// </summary>
    internal JsonElement ConfigOf(AssistantRecord assistant, JsonElement? headers) =>
        ReferenceEquals(Find(assistant.AssistantId), assistant) ? assistant.Config : ReservedNames.Remove(assistant.Config, headers);

    /// <summary>Whether this server has the graph of a run: that with the id, or else that of the assistant.</summary>
    internal bool Has(AssistantId assistantId, string? graphId) =>
        graphId is null ? Find(assistantId) is not null : FindGraph(graphId) is not null;

    /// <summary>Returns the graph of an assistant for a merged configuration.</summary>
    /// <exception cref="WeftException">
    /// The server does not have the graph, or its factory refuses the configuration or takes too long, unless the caller waits.
    /// </exception>
    internal CompiledGraph GraphOf(
        AssistantRecord assistant, JsonElement config, JsonElement? headers, string owner, bool waits = false)
    {
        var graph = FindGraph(assistant.GraphId)
            ?? throw new WeftException(ProblemKind.NotFound, $"Graph {assistant.GraphId} not found", "assistant_id");
        if (graph.IsFixed)
        {
            return graph.Graph;
        }

        var configurable = RunMetadata.ConfigurableOfGraph(assistant, config, headers, owner, graph.FactoryHeaders);
        try
        {
            return graph.Make(configurable, waits);
        }
        catch (SlowFactoryException e)
        {
            LogNotMade(assistant.GraphId, e);
            throw new WeftException(
                ProblemKind.Unavailable, $"The factory of the graph '{assistant.GraphId}' takes too long. {e.Message} Try again later.");
        }
        catch (Exception e)
        {
            LogNotMade(assistant.GraphId, e);
            var reason = _options.ShowExceptionText || e is GraphException ? e.Message : "The log of the server has the details.";
            var message = $"The graph '{assistant.GraphId}' can't be made with this configuration: {reason}";
            throw new WeftException(ProblemKind.Invalid, message, "config.configurable");
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The graph '{GraphId}' could not be made with the configuration of a request.")]
    private partial void LogNotMade(string graphId, Exception exception);
}
