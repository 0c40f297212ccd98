using Orleans.Runtime;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Chooses another server for a run that this one can't execute now. It has the graph of the run, and does not stop.</summary>
internal sealed class ServerChoice(
    ServerCalls calls, ServerDirectory servers, RunScheduler scheduler, AssistantFinder assistants, ILocalSiloDetails here)
{
    // Two servers that have the graph are nearly as good a choice as all.
    private const int AskedForRoomMax = 2;

    private int _next;

    /// <summary>
    /// Returns the server to which a new run goes whose thread has no home: null for this one, unless it stops and another one accepts
    /// the run, or it has no room and another one has.
    /// </summary>
    public async ValueTask<int?> ChooseAsync(Actor actor, AssistantId assistantId, CancellationToken cancellationToken) =>
        scheduler.IsStopping ? await AcceptingAsync(actor, assistantId, cancellationToken)
        : scheduler.HasRoom(actor.Id) ? null
        : await AskAsync(
            actor,
            assistantId,
            AskedForRoomMax,
            (service, graphId) => service.HasRoomAsync(actor.Id, assistantId.Value, graphId),
            cancellationToken);

    /// <summary>Returns the key of another server that accepts a new run; null if none is known.</summary>
    public Task<int?> AcceptingAsync(Actor actor, AssistantId assistantId, CancellationToken cancellationToken) => AskAsync(
        actor, assistantId, int.MaxValue, (service, graphId) => service.AcceptsAsync(assistantId.Value, graphId), cancellationToken);

    /// <summary>Returns the key of another server that takes over a run; null if none is known.</summary>
    public Task<int?> AcceptingAsync(RunRecord run, string? graphId) =>
        AskAsync(int.MaxValue, service => service.AcceptsAsync(run.AssistantId.Value, graphId));

    private async Task<int?> AskAsync(
        Actor actor,
        AssistantId assistantId,
        int askedMax,
        Func<IServerService, string?, Task<bool>> ask,
        CancellationToken cancellationToken)
    {
        // If the assistant has changed since, the server that gets the run may refuse it, and this one decides.
        var assistant = await assistants.FindRememberedAsync(actor, assistantId, cancellationToken);
        return assistant is not null || AssistantIds.MayBeOfGraph(assistantId)
            ? await AskAsync(askedMax, service => ask(service, assistant?.GraphId))
            : null;
    }

    /// <summary>Asks servers, at each call another one first. Returns the key of the first that agrees.</summary>
    private async Task<int?> AskAsync(int askedMax, Func<IServerService, Task<bool>> ask)
    {
        var others = servers.Others(here.SiloAddress);
        var first = (uint)Interlocked.Increment(ref _next);
        for (var i = 0u; i < others.Count && i < askedMax; i++)
        {
            var other = others[(int)((first + i) % (uint)others.Count)];
            if (await calls.TryAskAsync(other, ask))
            {
                return await servers.FindKeyAsync(other, CancellationToken.None);
            }
        }

        return null;
    }
}
