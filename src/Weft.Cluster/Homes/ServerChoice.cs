using Orleans.Runtime;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Chooses another server for a run that this one can't execute now.</summary>
internal sealed class ServerChoice(ServerCalls calls, ServerDirectory servers, RunScheduler scheduler, ILocalSiloDetails here)
{
    // Two servers at random are nearly as good a choice as all.
    private const int AskedMax = 2;

    private int _next;

    /// <summary>Returns the key of another server, each time the next one; null if there is none.</summary>
    public async ValueTask<int?> NextAsync(CancellationToken cancellationToken)
    {
        var others = servers.Others(here.SiloAddress);
        return others.Count == 0
            ? null
            : await servers.FindKeyAsync(others[(int)((uint)Interlocked.Increment(ref _next) % others.Count)], cancellationToken);
    }

    /// <summary>
    /// Returns the key of another server that takes over a run: it has the graph, and does not stop. Null if none is known.
    /// </summary>
    public async Task<int?> AcceptingAsync(RunRecord run, string? graphId)
    {
        var others = servers.Others(here.SiloAddress);
        var first = (uint)Interlocked.Increment(ref _next);
        for (var i = 0u; i < others.Count; i++)
        {
            var other = others[(int)((first + i) % (uint)others.Count)];
            if (await calls.TryAskAsync(other, service => service.AcceptsAsync(run.AssistantId.Value, graphId)))
            {
                return await servers.FindKeyAsync(other, CancellationToken.None);
            }
        }

        return null;
    }

    /// <summary>
    /// Returns the server to which a run goes whose thread has no home: null for this one, unless it stops, or it has no room
    /// and another one has.
    /// </summary>
    public async ValueTask<int?> ChooseAsync(string actor, CancellationToken cancellationToken)
    {
        if (scheduler.IsStopping)
        {
            return await NextAsync(cancellationToken);
        }

        for (var asked = 0; asked < AskedMax && !scheduler.HasRoom(actor); asked++)
        {
            if (await NextAsync(cancellationToken) is { } other && await HasRoomAsync(other, actor, cancellationToken))
            {
                return other;
            }
        }

        return null;
    }

    private async Task<bool> HasRoomAsync(int server, string actor, CancellationToken cancellationToken)
    {
        try
        {
            return await calls.CallAsync(server, (service, _) => service.HasRoomAsync(actor), cancellationToken);
        }
        catch (ServerUnreachableException)
        {
            return false;
        }
    }
}
