namespace Weft.Graphs;

/// <summary>Makes the nodes and edges of a graph's drawing.</summary>
internal static class GraphDrawing
{
    public static DrawnGraph Draw(CompiledGraph graph, int depth)
    {
        var nodes = new List<DrawnNode> { new(StateGraph.Start, StateGraph.Start, false) };
        var edges = new List<DrawnEdge>();
        if (graph.Entry is { } entry)
        {
            nodes.Add(new DrawnNode(entry, entry, false));
            edges.Add(new DrawnEdge(StateGraph.Start, entry));
            edges.Add(new DrawnEdge(entry, StateGraph.End));
        }
        else
        {
            Add(graph, depth, "", nodes, edges);
        }

        nodes.Add(new DrawnNode(StateGraph.End, StateGraph.End, false));
        return new DrawnGraph(nodes, edges);
    }

    /// <summary>
    /// Adds the graph's nodes under a prefix. Its start and end are left out, and their edges are connected to the
    /// nodes around it.
    /// </summary>
    private static void Add(CompiledGraph graph, int depth, string prefix, List<DrawnNode> nodes, List<DrawnEdge> edges)
    {
        var inner = new Dictionary<
            string,
            (IReadOnlyList<string> First, IReadOnlyList<(string Id, bool IsConditional, string? Label)> Last)>();
        foreach (var node in graph.NodesInOrder)
        {
            var subgraph = node.FindSubgraph(0);
            if (depth > 0 && subgraph is { Entry: null })
            {
                var within = new List<DrawnEdge>();
                Add(subgraph, depth - 1, $"{prefix}{node.Name}:", nodes, within);
                edges.AddRange(within.Where(edge => edge.Source != StateGraph.Start && edge.Target != StateGraph.End));
                inner[node.Name] = (
                    [.. within.Where(edge => edge.Source == StateGraph.Start).Select(edge => edge.Target)],
                    [.. within.Where(edge => edge.Target == StateGraph.End).Select(edge => (edge.Source, edge.IsConditional, edge.Label))]);
            }
            else
            {
                nodes.Add(new DrawnNode(prefix + node.Name, node.Name, subgraph is not null)
                {
                    Interrupt = (graph.Options.InterruptBefore.Contains(node.Name), graph.Options.InterruptAfter.Contains(node.Name)) switch
                    {
                        (true, true) => "before,after",
                        (true, false) => "before",
                        (false, true) => "after",
                        _ => null,
                    },
                });
            }
        }

        foreach (var edge in EdgesOf(graph).OrderBy(edge => edge.Source != StateGraph.Start).ThenBy(edge => edge.IsConditional).Distinct())
        {
            var sources = inner.TryGetValue(edge.Source, out var from)
                ? from.Last
                : [(Place(prefix, edge.Source), edge.IsConditional, edge.Label)];
            var targets = inner.TryGetValue(edge.Target, out var to) ? to.First : [Place(prefix, edge.Target)];
            edges.AddRange(
                from source in sources
                from target in targets
                select new DrawnEdge(source.Id, target, source.IsConditional || edge.IsConditional, edge.Label ?? source.Label));
        }
    }

    private static string Place(string prefix, string node) => node is StateGraph.Start or StateGraph.End ? node : prefix + node;

    private static IEnumerable<DrawnEdge> EdgesOf(CompiledGraph graph)
    {
        foreach (var node in graph.NodesInOrder.Prepend(graph.StartNode))
        {
            foreach (var target in node.Targets)
            {
                yield return new DrawnEdge(node.Name, target);
            }

            foreach (var barrier in node.Barriers)
            {
                yield return new DrawnEdge(node.Name, barrier.Target);
            }

            foreach (var branch in node.Branches)
            {
                var targets = branch.Targets
                    ?? [.. graph.NodesInOrder.Select(other => other.Name).Where(name => name != node.Name), StateGraph.End];
                for (var i = 0; i < targets.Count; i++)
                {
                    // A label is useful only if it is not the target's own name.
                    yield return new DrawnEdge(
                        node.Name, targets[i], true, branch.Labels is { } labels && labels[i] != targets[i] ? labels[i] : null);
                }
            }

            foreach (var destination in node.Options.Destinations)
            {
                yield return new DrawnEdge(node.Name, destination, true);
            }

            if (node.Name != StateGraph.Start
                && node is { Targets.Count: 0, Branches.Count: 0, Barriers.Count: 0, Options.Destinations.Count: 0 })
            {
                yield return new DrawnEdge(node.Name, StateGraph.End);
            }
        }
    }
}
