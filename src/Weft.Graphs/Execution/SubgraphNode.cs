namespace Weft.Graphs;

/// <summary>The work of a node that is a graph.</summary>
internal static class SubgraphNode
{
    public static async ValueTask<NodeResult> RunAsync(NodeContext context, CompiledGraph subgraph, CancellationToken cancellationToken)
    {
        var schema = context.Values.Schema;
        if (subgraph.Entry is not null)
        {
            // The input and the output of a workflow are one value each: the state, and an update to it.
            var whole = GraphInput.FromJson(
                GraphJson.Parse(GraphJson.Encode(context, static (writer, context) => context.WriteInput(writer))));
            return StateUpdate.FromStored(schema, Workflow.OutputOf(await context.RunAsync(subgraph, whole, cancellationToken)));
        }

        var input = context.Input is { } sent
            ? StateUpdate.FromSend(subgraph.Schema, sent)
            : context.Values.ToUpdate(schema.Channels, subgraph.Schema);
        var output = await context.RunAsync(subgraph, input, cancellationToken);
        return output.ToUpdate(subgraph.OutputChannels, schema);
    }
}
