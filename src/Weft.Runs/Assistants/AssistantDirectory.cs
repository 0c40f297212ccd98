using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Finds assistants. Each graph has one by itself; a graph's id is as good as that assistant's.</summary>
public sealed class AssistantDirectory
{
    private static readonly JsonElement SystemMetadata = GraphJson.Parse("""{"created_by":"system"}"""u8);

    private readonly Dictionary<string, AssistantRecord> _byGraph;
    private readonly Dictionary<AssistantId, AssistantRecord> _byId;

    /// <summary>Makes the assistants of the graphs.</summary>
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

    /// <summary>Returns the assistant with this id, or of the graph with this id; null when there is none.</summary>
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

    /// <summary>Returns the graph that a thread's metadata names, made with its assistant's configuration and the thread's over it; or null.</summary>
    internal CompiledGraph? GraphOf(ThreadRecord thread)
    {
        if (thread.Metadata.Length <= 2
            || !GraphJson.Parse(Encoding.UTF8.GetBytes(thread.Metadata)).TryGetProperty("graph_id", out var id)
            || id.ValueKind != JsonValueKind.String
            || Find(id.GetString()!) is not { Graph: var graph } assistant)
        {
            return null;
        }

        return graph.IsFixed
            ? graph.Graph
            : GraphOf(assistant, ConfigMerge.Deep(graph.Config, GraphJson.Parse(Encoding.UTF8.GetBytes(thread.GraphConfig ?? thread.Config))), null, thread.Owner);
    }

    /// <summary>Returns the graph of a run; null when it is no longer served, or its configuration makes no graph any more.</summary>
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
            // A run ends also when its graph can't be made any more.
            return null;
        }
    }

    /// <summary>Returns the graph of an assistant for a merged configuration.</summary>
    /// <exception cref="WeftException">There is no graph for it.</exception>
    internal static CompiledGraph GraphOf(AssistantRecord assistant, JsonElement config, JsonElement? headers, string owner) =>
        assistant.Graph.IsFixed ? assistant.Graph.Graph : assistant.Graph.Make(RunMetadata.ConfigurableOfGraph(assistant, config, headers, owner));
}
