using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.ConformanceHost.Models;

/// <summary>One fake model for each thread, kept as long as the server lives, so that its cursor survives from run to run.</summary>
/// <param name="folder">Where the servers of a cluster keep the cursors; null if there is one server.</param>
/// <param name="replies">What the models say.</param>
internal sealed class ModelPerThread(string? folder, params string[] replies)
{
    private readonly ConcurrentDictionary<string, IChatClient> _models = new();

    public IChatClient Of(NodeContext context) => _models.GetOrAdd(
        context.ThreadId,
        thread => new RepliesChatClient(replies, folder is null ? null : Path.Combine(folder, "model-" + thread)).StreamToGraph());
}
