using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Handles the calls of other servers for the threads whose home is this one.</summary>
internal sealed class CallHandler(
    LocalHome local,
    ThreadSessions sessions,
    IRunStore runs,
    RunStreams streams,
    RunScheduler scheduler,
    IThreadHomeStore homes,
    FollowedThreads followed,
    ThreadHandover handover,
    IStorageProbe probe,
    AssistantDirectory assistants,
    IHostApplicationLifetime lifetime,
    TimeProvider time)
{
    // Below the timeout of a call, so that a caller knows soon whether this server still lives.
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    // Most runs without a model end within it, and need no second call. Others are answered later by as much.
    private static readonly TimeSpan AnswerMax = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    // The caller asks for the end soon, or again if the answer was lost.
    private static readonly TimeSpan KeepEndedTime = TimeSpan.FromMinutes(1);

    // Ends that other servers wait for.
    private readonly ConcurrentDictionary<RunId, Task<RunOutcome>> _ends = new();

    public async Task<RunMessage> AdmitAsync(AdmitRequest request)
    {
        var (threadId, runId) = (new ThreadId(request.ThreadId), new RunId(request.RunId));
        if (request.NeedsRuns && !sessions.HasRuns(threadId) && !followed.IsHeld(threadId))
        {
            throw new ThreadElsewhereException(threadId, null);
        }

        if (scheduler.IsStopping && !sessions.HasRuns(threadId))
        {
            // The caller claims the thread.
            await homes.GiveUpAsync([threadId], CancellationToken.None);
            throw new ThreadElsewhereException(threadId, null);
        }

        var admitted = await AdmitAsync(request, threadId, runId);
        if (request.IsAwaited && await HasEndedSoonAsync(admitted.Ended))
        {
            var outcome = await admitted.Ended;
            // A run that was put back in the queue continues elsewhere.
            return RunMessage.Of(admitted.Record) with
            {
                Outcome = outcome.Status == RunStatus.Pending ? null : OutcomeMessage.Of(outcome),
            };
        }

        Keep(runId, admitted.Ended);
        return RunMessage.Of(admitted.Record);
    }

    private async Task<IRunHandle> AdmitAsync(AdmitRequest request, ThreadId threadId, RunId runId)
    {
        var actor = request.ToActor();
        try
        {
            return await local.AdmitAsync(actor, request.ToSpec(), threadId, runId, request.IsRepeated, CancellationToken.None);
        }
        catch (WeftException e) when (e is { Kind: ProblemKind.NotFound, Field: "assistant_id" } && !sessions.HasRuns(threadId))
        {
            // If the thread is here for its readers only, it goes to a server that has the graph.
            if (await handover.FindAsync(actor, new AssistantId(request.AssistantId), threadId, CancellationToken.None) is { } other)
            {
                throw new ThreadElsewhereException(threadId, other);
            }

            throw;
        }
    }

    public bool HasRoom(string actor, AssistantId assistantId, string? graphId) =>
        scheduler.HasRoom(actor) && (assistantId == default || Accepts(assistantId, graphId));

    public bool Accepts(AssistantId assistantId, string? graphId) =>
        !lifetime.ApplicationStopping.IsCancellationRequested && assistants.Has(assistantId, graphId);

    public OutlivingMessage? FindOutliving(string actor, string? access, RunId runId) =>
        streams.FindOutliving(ActorJson.Read(actor, access), runId) is { IsCopy: false } log
            ? new OutlivingMessage { ThreadId = log.ThreadId.Value, ThreadMetadata = log.ThreadMetadata }
            : null;

    public async Task<bool> CanStoreAsync()
    {
        try
        {
            await probe.CheckAsync(CancellationToken.None).WaitAsync(ProbeTimeout, time);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    public Task<CancelResult> CancelAsync(RunRef run, int action, string? reason) => local.CancelAsync(
        new RunKey(new ThreadId(run.ThreadId), new RunId(run.RunId)),
        new CancelRequest((CancelAction)action, reason),
        CancellationToken.None);

    public Task<bool?> DeleteAsync(RunRef run) => ForAWhileAsync(async cancellationToken =>
        await runs.FindAsync(new Actor(run.Owner), new RunId(run.RunId), cancellationToken) is { } found
        && await local.DeleteAsync(found, cancellationToken));

    public Task<bool?> EndAllAsync(string threadId) => ForAWhileAsync(async cancellationToken =>
    {
        await local.EndAllAsync(new ThreadId(threadId), cancellationToken);
        return true;
    });

    /// <summary>Returns null if an operation takes longer than a call may.</summary>
    private async Task<bool?> ForAWhileAsync(Func<CancellationToken, Task<bool>> handle)
    {
        using var stop = new CancellationTokenSource(WaitMax, time);
        try
        {
            return await handle(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Waits for the end of a run. Returns null if it has not ended for now.</summary>
    /// <exception cref="ThreadElsewhereException">The run is not here. It may have ended.</exception>
    public async Task<OutcomeMessage?> WaitAsync(RunRef run, CancellationToken cancellationToken)
    {
        var threadId = new ThreadId(run.ThreadId);
        if (!_ends.TryGetValue(new RunId(run.RunId), out var ended))
        {
            using var visit = sessions.Open(threadId);
            ended = (await visit.Session.FindAsync(new RunId(run.RunId), cancellationToken))?.Ended
                ?? throw new ThreadElsewhereException(threadId, null);
            Keep(new RunId(run.RunId), ended);
        }

        try
        {
            var outcome = await ended.WaitAsync(WaitMax, cancellationToken);
            // A run that was put back in the queue continues elsewhere.
            return outcome.Status == RunStatus.Pending ? throw new ThreadElsewhereException(threadId, null) : OutcomeMessage.Of(outcome);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Returns what a run that executes here has done until now; empty if it does not execute here.</summary>
    public async Task<byte[]> ReadTimelineAsync(RunRef run, CancellationToken cancellationToken)
    {
        using var visit = sessions.Open(new ThreadId(run.ThreadId));
        IRunHandle? active = await visit.Session.FindAsync(new RunId(run.RunId), cancellationToken);
        return active is null ? [] : (await active.ReadTimelineAsync(cancellationToken)).ToArray();
    }

    private async Task<bool> HasEndedSoonAsync(Task<RunOutcome> ended)
    {
        using var stop = new CancellationTokenSource();
        var isEnd = await Task.WhenAny(ended, Task.Delay(AnswerMax, time, stop.Token)) == ended;
        await stop.CancelAsync();
        return isEnd;
    }

    private void Keep(RunId runId, Task<RunOutcome> ended)
    {
        if (_ends.TryAdd(runId, ended))
        {
            _ = ForgetAsync(runId, ended);
        }
    }

    private async Task ForgetAsync(RunId runId, Task<RunOutcome> ended)
    {
        await ended;
        await Task.Delay(KeepEndedTime, time);
        _ends.TryRemove(new(runId, ended));
    }

    public void Edited(string threadId, string? checkpointId, string checkpointNamespace) =>
        streams.Threads.Edit(new ThreadId(threadId), new CheckpointAddress(checkpointId, checkpointNamespace));

    public void Deleted(string threadId)
    {
        followed.Forget(new ThreadId(threadId));
        local.Deleted(new ThreadId(threadId));
    }

    public async Task TakeOverAsync(IReadOnlyList<string> threadIds)
    {
        if (scheduler.IsStopping)
        {
            // It began to stop since it was asked.
            await homes.GiveUpAsync([.. threadIds.Select(static id => new ThreadId(id))], CancellationToken.None);
            return;
        }

        foreach (var threadId in threadIds)
        {
            try
            {
                using var visit = sessions.Open(new ThreadId(threadId));
                await visit.Session.CompareAsync(CancellationToken.None);
            }
            catch (Exception e) when (e is ThreadElsewhereException or StorageUnavailableException)
            {
                // The search for runs that nobody executes finds it.
            }
        }
    }
}
