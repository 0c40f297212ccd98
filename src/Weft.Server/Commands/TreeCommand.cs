using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The command <c>agent.getTree</c>: the graphs of a run, from the lifecycle events that are kept.</summary>
internal sealed class TreeCommand(RunsFacade runs)
{
    private const int RecentRunsMax = 20;

    public async Task<Action<Utf8JsonWriter>?> GetAsync(CommandCall call, CommandParams given)
    {
        var runId = given.Text("run_id");
        if (runId is not null && !Requests.TryReadUuid(runId, out _))
        {
            throw given.Wrong("run_id", "a UUID");
        }

        var run = await FindRunAsync(call, runId is null ? null : RunId.Parse(runId, null));
        var root = run is null ? null : await ReadAsync(run, call.Cancellation);
        return root is null
            ? throw new CommandException(CommandErrors.NoSuchRun, $"Thread {call.ThreadId} has no such run, or no events of it.")
            : writer =>
            {
                writer.WritePropertyName("tree"u8);
                Write(writer, root);
            };
    }

    /// <summary>Returns a run, or the one that started last.</summary>
    private async Task<RunRecord?> FindRunAsync(CommandCall call, RunId? runId)
    {
        if (runId is { } id)
        {
            return await runs.FindAsync(call.Actor, call.ThreadId, id, call.Cancellation);
        }

        var recent = await runs.OpenSearchAsync(call.Actor, call.ThreadId, null, RecentRunsMax, 0, call.Cancellation);
        return await recent.MaxByAsync(static run => run.StartOrder, cancellationToken: call.Cancellation);
    }

    private async Task<Node?> ReadAsync(RunRecord run, CancellationToken cancellationToken)
    {
        Node? root = null;
        foreach (var part in await runs.ReadLifecycleAsync(run, cancellationToken))
        {
            root = Add(root, part);
        }

        return root;
    }

    private static Node? Add(Node? root, StreamPart part)
    {
        switch (part)
        {
            case RunStartedPart started:
                return new Node("", started.GraphId ?? "") { Status = "running" };
            case RunEndPart end when root is not null:
                root.Status = V2Lifecycle.NameOf(end);
                return root;
            case SubgraphPart subgraph when root is not null:
                root.Reach(subgraph.Namespace, subgraph.Graph).Status = V2Lifecycle.NameOf(subgraph.Phase);
                return root;
            default:
                return root;
        }
    }

    private static void Write(Utf8JsonWriter writer, Node node)
    {
        writer.WriteStartObject();
        V2Json.WriteTexts(writer, "namespace", V2Namespace.Of(node.Place).Segments);
        writer.WriteString("status"u8, node.Status);
        writer.WriteString("graph_name"u8, node.Graph);
        if (node.Children.Count > 0)
        {
            writer.WriteStartArray("children"u8);
            foreach (var child in node.Children)
            {
                Write(writer, child);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>A graph of the run.</summary>
    private sealed class Node(string place, string graph)
    {
        public string Place => place;

        public string Graph => graph;

        public string Status { get; set; } = "started";

        public List<Node> Children { get; } = [];

        /// <summary>Returns the graph at a place below this one. A graph that is not known is added to the innermost one around it.</summary>
        public Node Reach(string wanted, string graph)
        {
            foreach (var child in Children)
            {
                if (child.Place == wanted)
                {
                    return child;
                }

                if (wanted.StartsWith(child.Place + "|", StringComparison.Ordinal))
                {
                    return child.Reach(wanted, graph);
                }
            }

            var added = new Node(wanted, graph);
            Children.Add(added);
            return added;
        }
    }
}
