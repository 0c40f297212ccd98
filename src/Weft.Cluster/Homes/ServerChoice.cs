using System.Collections.Concurrent;
using Orleans.Runtime;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Chooses another server for a run that this one can't execute now. It has the graph of the run, and does not stop.</summary>
internal sealed class ServerChoice(
    ServerCalls calls, ServerDirectory servers, RunScheduler scheduler, AssistantFinder assistants, ILocalSiloDetails here)
{
    // Two servers that have the graph are nearly as good a choice as all.
    private const int AskedForRoomMax = 2;

    private const int KnownMax = 10_000;

    // Servers that have a graph, which they do as long as they run.
    private readonly ConcurrentDictionary<(SiloAddress Server, string Graph), bool> _known = new();
    private int _next;

    /// <summary>
    /// Returns the server to which a new run goes whose thread has no home: null for this one, unless it stops and another one accepts
    /// the run, or it has no room and another one has.
    /// </summary>
    public async ValueTask<int?> ChooseAsync(Actor actor, AssistantId assistantId, CancellationToken cancellationToken) =>
        scheduler.IsStopping ? await AcceptingAsync(actor, assistantId, cancellationToken)
        : !scheduler.HasRoom(actor.Id) && await FindGraphAsync(actor, assistantId, cancellationToken) is (true, var graphId)
            ? await FindRoomAsync(actor, assistantId, graphId)
        : null;

    /// <summary>Returns the key of another server that accepts a new run; null if none is known.</summary>
    public async Task<int?> AcceptingAsync(Actor actor, AssistantId assistantId, CancellationToken cancellationToken) =>
        await FindGraphAsync(actor, assistantId, cancellationToken) is (true, var graphId)
        && await calls.FindAsync(Others(), service => service.AcceptsAsync(assistantId.Value, graphId)) is { } accepting
            ? await servers.FindKeyAsync(accepting, CancellationToken.None)
            : null;

    /// <summary>Returns the key of another server that takes over a run; null if none is known.</summary>
    public async Task<int?> AcceptingAsync(RunRecord run, string? graphId)
    {
        // One after the other, because a server that stops asks this for all of its runs.
        foreach (var other in Others())
        {
            if (await calls.TryAskAsync(other, service => service.AcceptsAsync(run.AssistantId.Value, graphId)))
            {
                return await servers.FindKeyAsync(other, CancellationToken.None);
            }
        }

        return null;
    }

    /// <summary>Returns another server with room for a run. Those that lack its graph do not count among those that are asked.</summary>
    private async Task<int?> FindRoomAsync(Actor actor, AssistantId assistantId, string? graphId)
    {
        var full = 0;
        foreach (var other in Others())
        {
            if (await calls.TryAskAsync(other, service => service.HasRoomAsync(actor.Id, assistantId.Value, graphId)))
            {
                return await servers.FindKeyAsync(other, CancellationToken.None);
            }

            if (await HasGraphAsync(other, assistantId, graphId) && ++full == AskedForRoomMax)
            {
                break;
            }
        }

        return null;
    }

    private async Task<bool> HasGraphAsync(SiloAddress server, AssistantId assistantId, string? graphId)
    {
        var key = (server, graphId ?? assistantId.ToString());
        if (_known.ContainsKey(key))
        {
            return true;
        }

        if (!await calls.TryAskAsync(server, service => service.AcceptsAsync(assistantId.Value, graphId)))
        {
            return false;
        }

        if (_known.Count >= KnownMax)
        {
            _known.Clear();
        }

        return _known[key] = true;
    }

    /// <summary>
    /// Returns the graph of an assistant; null for that of the assistant that each graph has. False if no server has the assistant.
    /// </summary>
    private async ValueTask<(bool IsFound, string? GraphId)> FindGraphAsync(
        Actor actor, AssistantId assistantId, CancellationToken cancellationToken)
    {
        // If the assistant has changed since, the server that gets the run may refuse it, and this one decides.
        var assistant = await assistants.FindRememberedAsync(actor, assistantId, cancellationToken);
        return (assistant is not null || AssistantIds.MayBeOfGraph(assistantId), assistant?.GraphId);
    }

    /// <summary>Returns the other servers, at each call another one first.</summary>
    private SiloAddress[] Others()
    {
        var others = servers.Others(here.SiloAddress);
        var first = others.Count == 0 ? 0 : (int)((uint)Interlocked.Increment(ref _next) % (uint)others.Count);
        return [.. others.Skip(first), .. others.Take(first)];
    }
}
