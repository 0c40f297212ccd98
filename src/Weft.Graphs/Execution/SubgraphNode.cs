namespace Weft.Graphs;

/// <summary>The work of a node that is a graph.</summary>
internal static class SubgraphNode
{
    public static async ValueTask<NodeResult> RunAsync(NodeContext context, CompiledGraph subgraph, CancellationToken cancellationToken)
    {
        var schema = context.Values.Schema;
        var input = context.Input is { } sent
            ? StateUpdate.FromJson(subgraph.Schema, sent)
            : context.Values.ToUpdate(schema.Channels, subgraph.Schema);
        var output = await context.RunAsync(subgraph, input, cancellationToken);
        return output.ToUpdate(subgraph.Schema.Channels, schema);
    }
}
