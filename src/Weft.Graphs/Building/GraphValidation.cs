namespace Weft.Graphs;

/// <summary>Finds errors in a graph before it runs.</summary>
internal static class GraphValidation
{
    public static void Check(
        HashSet<string> nodes,
        List<(string Source, string Target)> edges,
        List<(string What, string Source, IReadOnlyList<string>? Targets)> branches,
        List<Barrier> barriers,
        CompileOptions options)
    {
        void Known(string node, string where)
        {
            if (!nodes.Contains(node) && node is not (StateGraph.Start or StateGraph.End))
            {
                throw new GraphBuildException(
                    $"{where} names the node '{node}', which is not in the graph. Add it with AddNode, or mend the name; "
                        + $"there are {string.Join(", ", nodes.Order())}.");
            }
        }

        foreach (var (source, target) in edges)
        {
            Known(source, $"The edge from '{source}' to '{target}'");
            Known(target, $"The edge from '{source}' to '{target}'");
        }

        foreach (var barrier in barriers)
        {
            foreach (var node in barrier.Sources.Append(barrier.Target))
            {
                Known(node, $"The edge from {string.Join(" and ", barrier.Sources)} to '{barrier.Target}'");
            }
        }

        foreach (var (what, source, targets) in branches)
        {
            Known(source, $"{what} '{source}'");
            foreach (var target in targets ?? [])
            {
                Known(target, $"{what} '{source}'");
            }
        }

        foreach (var node in options.InterruptBefore.Names.Concat(options.InterruptAfter.Names))
        {
            Known(node, "An interrupt before or after");
        }

        if (!edges.Exists(edge => edge.Source == StateGraph.Start) && !branches.Exists(branch => branch.Source == StateGraph.Start))
        {
            throw new GraphBuildException("Nothing follows the start: add an edge from StateGraph.Start to the first node.");
        }

        CheckReachable(nodes, edges, branches, barriers);
    }

    private static void CheckReachable(
        HashSet<string> nodes,
        List<(string Source, string Target)> edges,
        List<(string What, string Source, IReadOnlyList<string>? Targets)> branches,
        List<Barrier> barriers)
    {
        if (branches.Exists(branch => branch.Targets is null))
        {
            // A branch that does not say where it leads may lead anywhere.
            return;
        }

        HashSet<string> reached = [StateGraph.Start];
        (IReadOnlyList<string> Sources, IReadOnlyList<string> Targets)[] ways =
        [
            .. edges.Select(edge => ((IReadOnlyList<string>)[edge.Source], (IReadOnlyList<string>)[edge.Target])),
            .. branches.Select(branch => ((IReadOnlyList<string>)[branch.Source], branch.Targets!)),
            .. barriers.Select(barrier => (barrier.Sources, (IReadOnlyList<string>)[barrier.Target])),
        ];
        bool grows;
        do
        {
            var found = ways.Where(way => way.Sources.Any(reached.Contains)).SelectMany(way => way.Targets).ToList();
            var known = reached.Count;
            reached.UnionWith(found);
            grows = reached.Count > known;
        }
        while (grows);

        if (nodes.Except(reached).Order().FirstOrDefault() is { } unreachable)
        {
            throw new GraphBuildException(
                $"The node '{unreachable}' can't be reached: no way leads to it from the start. Add an edge to it, or "
                    + "name it among the destinations of the node that goes to it by a Command.");
        }
    }
}
