using System.IO.Hashing;

namespace Weft.Graphs;

/// <summary>Results of nodes in the cache of their graph.</summary>
internal static class CachedNode
{
    /// <summary>The key of this call; null if the node is not cached.</summary>
    public static string? KeyOf(CompiledGraph graph, GraphNode node, NodeContext context)
    {
        if (graph.Options.Cache is null || node.Options.Cache is not { } policy)
        {
            return null;
        }

        var key = policy.Key?.Invoke(context)
            ?? Convert.ToHexStringLower(
                XxHash128.Hash(GraphJson.Encode(context, static (writer, context) => context.WriteInput(writer))));
        return $"{graph.Name}/{node.Name}/{key}";
    }

    public static async ValueTask<TaskWrites?> FindAsync(CompiledGraph graph, string key, CancellationToken cancellationToken) =>
        await graph.Options.Cache!.FindAsync(key, cancellationToken) is { } body
            ? CheckpointCodec.DecodeOutcome(graph.Schema, body).Writes
            : null;

    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="key">The key of the call.</param>
    /// <param name="seen">The state that the node saw.</param>
    /// <param name="writes">The writes of the node.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static ValueTask PutAsync(
        CompiledGraph graph, GraphNode node, string key, ChannelValues seen, TaskWrites writes, CancellationToken cancellationToken)
    {
        var cached = new TaskWrites([.. writes.Channels.Select(write => WithoutMadeUpIds(write, seen))], writes.Routes, writes.IsNull);
        return graph.Options.Cache!.PutAsync(
            key,
            CheckpointCodec.Encode(new TaskOutcome { TaskId = "", Writes = cached }),
            node.Options.Cache!.TimeToLive,
            cancellationToken);
    }

    /// <summary>
    /// Takes back the ids that messages were given because the node returned them without. When the result is taken
    /// from the cache they are new messages and get new ids. A message that the state had before is the same one each
    /// time.
    /// </summary>
    private static ChannelWrite WithoutMadeUpIds(ChannelWrite write, ChannelValues seen)
    {
        if (write.Channel is not MessagesChannel channel)
        {
            return write;
        }

        var before = seen.Get(channel);
        Message[] messages =
            [
                .. ((IReadOnlyList<Message>)write.Value)
                    .Select(message => message.HasMadeUpId && !before.TryFind(message.Id!, out _) ? message.WithoutId() : message),
            ];
        return write with { Value = write.Overwrites ? MessageList.From(messages) : messages };
    }
}
