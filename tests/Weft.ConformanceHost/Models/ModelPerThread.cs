using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.ConformanceHost.Models;

/// <summary>One fake model for each thread, kept as long as the server lives, so that its cursor survives from run to run.</summary>
internal sealed class ModelPerThread(params string[] replies)
{
    private readonly ConcurrentDictionary<string, IChatClient> _models = new();

    public IChatClient Of(NodeContext context) => _models.GetOrAdd(context.ThreadId, _ => new RepliesChatClient(replies).StreamToGraph());
}
