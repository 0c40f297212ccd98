using Orleans;
using Orleans.Services;

namespace Weft.Cluster;

/// <summary>What a server does for others: it handles the runs of the threads whose home it is.</summary>
[Alias("weft.Server")]
internal interface IServerService : IGrainService
{
    [Alias("admit")]
    Task<Reply<RunMessage>> AdmitAsync(AdmitRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Whether that server accepts a run as <see cref="AcceptsAsync"/> does, and the run would start at once. A server of an earlier version
    /// does not send the assistant, and does not look at it.
    /// </summary>
    [Alias("room")]
    Task<bool> HasRoomAsync(string actor, Guid assistantId, string? graphId);

    /// <summary>Whether the database can be used from that server.</summary>
    [Alias("database")]
    Task<bool> CanStoreAsync();

    [Alias("cancel")]
    Task<Reply<bool?>> CancelAsync(RunRef run, int action, string? reason, CancellationToken cancellationToken);

    /// <summary>Removes a run. The value is null if that takes longer; then the call is repeated.</summary>
    [Alias("delete")]
    Task<Reply<bool?>> DeleteAsync(RunRef run, CancellationToken cancellationToken);

    /// <summary>Cancels the runs of a thread. The value is null if that takes longer; then the call is repeated.</summary>
    [Alias("end")]
    Task<Reply<bool?>> EndAllAsync(string threadId, CancellationToken cancellationToken);

    /// <summary>Waits for the end of a run, for a limited time. The value is null if the run has not ended.</summary>
    [Alias("wait")]
    Task<Reply<OutcomeMessage?>> WaitAsync(RunRef run, CancellationToken cancellationToken);

    /// <summary>Returns what the attempt of a run that executes there has done until now; empty if that is not known.</summary>
    [Alias("timeline")]
    Task<Reply<byte[]>> ReadTimelineAsync(RunRef run, CancellationToken cancellationToken);

    [Alias("subscribe")]
    Task<Reply<SubscribeReply>> SubscribeAsync(SubscribeRequest request, CancellationToken cancellationToken);

    /// <summary>Waits for news of a relay, for a limited time.</summary>
    [Alias("relay")]
    Task<RelayReply> RelayAsync(RelayRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Returns where the log is of a run whose thread was deleted with its end; null if that server does not have the log, or if the actor
    /// may not see it.
    /// </summary>
    /// <param name="actor">The actor of the request.</param>
    /// <param name="access">See <see cref="AdmitRequest.Access"/>.</param>
    /// <param name="runId">The run.</param>
    [Alias("outliving")]
    Task<OutlivingMessage?> FindOutlivingAsync(string actor, string? access, Guid runId);

    [Alias("edited")]
    Task EditedAsync(string threadId, string? checkpointId, string checkpointNamespace);

    /// <summary>Removes the logs of a deleted thread.</summary>
    [Alias("deleted")]
    Task DeletedAsync(string threadId);

    /// <summary>
    /// Whether that server accepts runs of an assistant: it has the graph, which is that of the assistant unless it is named, and does not
    /// stop.
    /// </summary>
    [Alias("accepts")]
    Task<bool> AcceptsAsync(Guid assistantId, string? graphId);

    /// <summary>Claims threads that their home has given up, and continues their runs.</summary>
    [Alias("takeover")]
    Task TakeOverAsync(string[] threadIds);
}
