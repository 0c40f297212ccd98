using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// Receives the calls of other servers. They are handled on the thread pool, because Orleans gives each service one thread.
/// </summary>
internal sealed class ServerService(GrainId id, Silo silo, ILoggerFactory loggers, CallHandler handler, RelaySenders relays)
    : GrainService(id, silo, loggers), IServerService
{
    public Task<Reply<RunMessage>> AdmitAsync(AdmitRequest request, CancellationToken cancellationToken) =>
        Task.Run(() => Replies.OfAsync(() => handler.AdmitAsync(request)), CancellationToken.None);

    public Task<bool> HasRoomAsync(string actor, Guid assistantId, string? graphId) =>
        Task.FromResult(handler.HasRoom(actor, new AssistantId(assistantId), graphId));

    public Task<bool> AcceptsAsync(Guid assistantId, string? graphId) =>
        Task.FromResult(handler.Accepts(new AssistantId(assistantId), graphId));

    public Task<bool> CanStoreAsync() => Task.Run(handler.CanStoreAsync);

    public Task<Reply<bool?>> CancelAsync(RunRef run, int action, string? reason, CancellationToken cancellationToken) =>
        Task.Run(
            async () =>
            {
                var result = CancelResult.HadEnded;
                var reply = await Replies.OfAsync<bool?>(
                    async () => (result = await handler.CancelAsync(run, action, reason)) != CancelResult.HadEnded);
                return result == CancelResult.Ended ? reply with { HasEnded = true } : reply;
            },
            CancellationToken.None);

    public Task<Reply<bool?>> DeleteAsync(RunRef run, CancellationToken cancellationToken) =>
        Task.Run(() => Replies.OfAsync(() => handler.DeleteAsync(run)), CancellationToken.None);

    public Task<Reply<bool?>> EndAllAsync(string threadId, CancellationToken cancellationToken) =>
        Task.Run(() => Replies.OfAsync(() => handler.EndAllAsync(threadId)), CancellationToken.None);

    public Task<Reply<OutcomeMessage?>> WaitAsync(RunRef run, CancellationToken cancellationToken) =>
        Task.Run(() => Replies.OfAsync(() => handler.WaitAsync(run, cancellationToken)), CancellationToken.None);

    public Task<Reply<byte[]>> ReadTimelineAsync(RunRef run, CancellationToken cancellationToken) =>
        Task.Run(() => Replies.OfAsync(() => handler.ReadTimelineAsync(run, cancellationToken)), CancellationToken.None);

    public Task<Reply<SubscribeReply>> SubscribeAsync(SubscribeRequest request, CancellationToken cancellationToken) =>
        Task.Run(() => Replies.OfAsync(() => relays.SubscribeAsync(request, cancellationToken)), CancellationToken.None);

    public Task<RelayReply> RelayAsync(RelayRequest request, CancellationToken cancellationToken) =>
        Task.Run(() => relays.SendAsync(request, cancellationToken), CancellationToken.None);

    public Task<OutlivingMessage?> FindOutlivingAsync(string actor, string? access, Guid runId) =>
        Task.FromResult(handler.FindOutliving(actor, access, new RunId(runId)));

    public Task EditedAsync(string threadId, string? checkpointId, string checkpointNamespace)
    {
        handler.Edited(threadId, checkpointId, checkpointNamespace);
        return Task.CompletedTask;
    }

    public Task DeletedAsync(string threadId)
    {
        handler.Deleted(threadId);
        return Task.CompletedTask;
    }

    public Task TakeOverAsync(string[] threadIds)
    {
        // The caller stops and does not wait.
        _ = Task.Run(() => handler.TakeOverAsync(threadIds), CancellationToken.None);
        return Task.CompletedTask;
    }
}
