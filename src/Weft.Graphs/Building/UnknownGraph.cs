namespace Weft.Graphs;

/// <summary>
/// Represents an unknown graph, as far as one of its checkpoints shows it. That is enough to read the checkpoint.
/// </summary>
internal static class UnknownGraph
{
    public static CompiledGraph Of(Checkpoint checkpoint)
    {
        var nodes = checkpoint.Next.Concat(checkpoint.Deferred).Select(task => task.Node).Where(node => node != StateGraph.Start).Distinct()
            .Select(NewNode).ToDictionary(node => node.Name);
        return new CompiledGraph(checkpoint.Values.Schema, nodes, NewNode(StateGraph.Start, -1), new CompileOptions());
    }

    private static GraphNode NewNode(string name, int index) => new()
    {
        Name = name,
        Index = index,
        Function = static (_, _) => throw new NotSupportedException("The graph is not known; its state can only be read."),
        Options = NodeOptions.Default,
        Targets = [],
        Branches = [],
        Barriers = [],
    };
}
