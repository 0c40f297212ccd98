using System.IO.Hashing;

namespace Weft.Graphs;

/// <summary>Results of nodes in the cache of their graph.</summary>
internal static class CachedNode
{
    /// <summary>The key of this call; null when the node is not cached.</summary>
    public static string? KeyOf(CompiledGraph graph, GraphNode node, NodeContext context)
    {
        if (graph.Options.Cache is null || node.Options.Cache is not { } policy)
        {
            return null;
        }

        var key = policy.Key?.Invoke(context) ?? Convert.ToHexStringLower(XxHash128.Hash(GraphJson.Encode(context, static (writer, context) => context.WriteInput(writer))));
        return $"{graph.Name}/{node.Name}/{key}";
    }

    public static async ValueTask<TaskWrites?> FindAsync(CompiledGraph graph, string key, CancellationToken cancellationToken) =>
        await graph.Options.Cache!.FindAsync(key, cancellationToken) is { } body ? CheckpointCodec.DecodeOutcome(graph.Schema, body).Writes : null;

    public static ValueTask PutAsync(CompiledGraph graph, GraphNode node, string key, TaskWrites writes, CancellationToken cancellationToken) =>
        graph.Options.Cache!.PutAsync(key, CheckpointCodec.Encode(new TaskOutcome { TaskId = "", Writes = writes }), node.Options.Cache!.TimeToLive, cancellationToken);
}
