using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Finds assistants. Each graph has one, which can be named by its own id or by the id of the graph.</summary>
public sealed class AssistantDirectory
{
    private static readonly JsonElement SystemMetadata = GraphJson.Parse("""{"created_by":"system"}"""u8);

    private readonly Dictionary<string, AssistantRecord> _byGraph;
    private readonly Dictionary<AssistantId, AssistantRecord> _byId;

    /// <summary>Creates an assistant for each graph.</summary>
    /// <exception cref="ArgumentException">Two graphs have the same id.</exception>
    public AssistantDirectory(IEnumerable<GraphRegistration> graphs, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(graphs);
        ArgumentNullException.ThrowIfNull(time);
        var now = time.GetUtcNow();
        _byGraph = [];
        foreach (var graph in graphs)
        {
            var assistant = new AssistantRecord
            {
                AssistantId = AssistantIds.ForGraph(graph.GraphId),
                Graph = graph,
                Name = graph.GraphId,
                Description = graph.Description,
                Metadata = SystemMetadata,
                CreatedAt = now,
                UpdatedAt = now,
            };
            if (!_byGraph.TryAdd(graph.GraphId, assistant))
            {
                throw new ArgumentException($"Two graphs have the id '{graph.GraphId}'; give one of them another.", nameof(graphs));
            }
        }

        _byId = _byGraph.Values.ToDictionary(assistant => assistant.AssistantId);
    }

    /// <summary>All assistants, in the order in which their graphs were added.</summary>
    public IReadOnlyCollection<AssistantRecord> All => _byGraph.Values;

    /// <summary>Returns the assistant with this id, or the assistant of the graph with this id; null if neither exists.</summary>
    public AssistantRecord? Find(string assistantOrGraphId)
    {
        ArgumentNullException.ThrowIfNull(assistantOrGraphId);
        return _byGraph.TryGetValue(assistantOrGraphId, out var assistant)
            || (AssistantId.TryParse(assistantOrGraphId, null, out var id) && _byId.TryGetValue(id, out assistant))
            ? assistant
            : null;
    }

    /// <summary>Returns the assistant with this id, or null.</summary>
    public AssistantRecord? Find(AssistantId assistantId) => _byId.GetValueOrDefault(assistantId);

    /// <summary>
    /// Returns the graph that a thread's metadata names. If a factory makes it, the configuration is the assistant's with the
    /// thread's merged over it. Null if the metadata names no graph that this server has.
    /// </summary>
    internal CompiledGraph? GraphOf(ThreadRecord thread)
    {
        if (thread.Metadata.Length <= 2
            || !GraphJson.Parse(Encoding.UTF8.GetBytes(thread.Metadata)).TryGetProperty("graph_id", out var id)
            || id.ValueKind != JsonValueKind.String
            || Find(id.GetString()!) is not { Graph: var graph } assistant)
        {
            return null;
        }

        if (graph.IsFixed)
        {
            return graph.Graph;
        }

        var ofThread = GraphJson.Parse(Encoding.UTF8.GetBytes(thread.GraphConfig ?? thread.Config));
        return GraphOf(assistant, ConfigMerge.Deep(graph.Config, ofThread), headers: null, thread.Owner);
    }

    /// <summary>
    /// Returns the graph of a run; null if the server no longer has it, or if the factory refuses the configuration of the run.
    /// </summary>
    internal CompiledGraph? GraphOf(RunRecord run)
    {
        if (Find(run.AssistantId) is not { Graph: var graph } assistant)
        {
            return null;
        }

        if (graph.IsFixed)
        {
            return graph.Graph;
        }

        try
        {
            var spec = RunKwargs.Read(run);
            return GraphOf(assistant, spec.Config, spec.Headers, run.Owner);
        }
        catch (Exception e) when (e is WeftException or UnreadableRunException)
        {
            // A run must end even if its graph can no longer be made.
            return null;
        }
    }

    /// <summary>Returns the graph of an assistant for a merged configuration.</summary>
    /// <exception cref="WeftException">The factory refuses the configuration.</exception>
    internal static CompiledGraph GraphOf(AssistantRecord assistant, JsonElement config, JsonElement? headers, string owner) =>
        assistant.Graph.IsFixed
            ? assistant.Graph.Graph
            : assistant.Graph.Make(RunMetadata.ConfigurableOfGraph(assistant, config, headers, owner));
}
