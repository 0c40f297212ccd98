using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// The homes of threads in a cluster. A request is handled here unless another server is the home of its thread; then it is sent
/// there.
/// </summary>
internal sealed class ClusterHomes(
    LocalHome local,
    ServerCalls calls,
    RunLocator locator,
    CopiedLogs copies,
    EndedLogs ended,
    OutlivingLogs outliving,
    RemoteRuns remote,
    IRunStore runs,
    RunStreams streams,
    IThreadHomeStore homes,
    ServerChoice choice,
    ThreadHandover handover,
    FollowedThreads followed,
    RememberedHomes remembered,
    ThreadSessions sessions,
    ServerDirectory servers,
    ClusterOptions options,
    SharedClock time) : IThreadHomes, IThreadHome
{
    public IThreadHome Of(ThreadId threadId) => this;

    public ValueTask<RunStream?> FindOutlivingAsync(Actor actor, RunId runId, CancellationToken cancellationToken) =>
        outliving.FindAsync(actor, runId, cancellationToken);

    public async Task<IRunHandle> AdmitAsync(
        Actor actor, RunSpec spec, ThreadId threadId, bool isAwaited, CancellationToken cancellationToken)
    {
        // The same id at each try, so that a run is found that a lost call has created.
        var runId = RunId.New(time);
        var (isRepeated, isTried, isSearched) = (false, false, false);
        var known = sessions.HasRuns(threadId) ? null : remembered.Find(threadId);
        int? named = null;
        for (var tries = new CallTries(options, time); ;)
        {
            int home;
            var (isKnown, isNamed) = (known is not null, named is not null);
            var isChosen = false;
            try
            {
                if (isRepeated && spec is { ThreadId: null, KeepThread: false })
                {
                    // It may have been executed, and removed with its thread.
                    throw new WeftException(
                        ProblemKind.Unavailable, "The server that received the run does not answer. The run may have been executed.");
                }

                // Where the runs of the thread are, or else where there is room.
                var other = known
                    ?? named
                    ?? (isTried || sessions.HasRuns(threadId) ? null
                        : await choice.ChooseAsync(actor, spec.AssistantId, cancellationToken));
                (known, named) = (null, null);
                if (other is null || other == servers.Here)
                {
                    return await local.AdmitAsync(actor, spec, threadId, runId, isRepeated, cancellationToken);
                }

                home = other.Value;
                isTried |= !isKnown;
                isChosen = !isKnown && !isNamed;
            }
            catch (ThreadElsewhereException e) when (e.Home is { } elsewhere)
            {
                remembered.Remember(threadId, home = elsewhere);
            }
            catch (WeftException e) when (
                (!isSearched || followed.IsHeld(threadId)) && e is { Kind: ProblemKind.NotFound, Field: "assistant_id" })
            {
                // During an update, servers have different graphs. A reader may have come here while a server was looked for.
                if (sessions.HasRuns(threadId))
                {
                    throw;
                }

                if (await handover.FindAsync(actor, spec.AssistantId, threadId, cancellationToken) is not { } accepting)
                {
                    if (!isRepeated)
                    {
                        throw;
                    }

                    // The server that received the run may have stored it.
                    await tries.WaitAsync(cancellationToken);
                    continue;
                }

                home = accepting;
                isTried = isSearched = isChosen = true;
            }

            try
            {
                // A run that is removed with its thread is not found again if its answer is lost. So its answer does not wait.
                var request = AdmitRequest.Of(actor, spec, threadId, runId, isRepeated) with
                {
                    NeedsRuns = isKnown,
                    IsAwaited = isAwaited && spec.ThreadId is not null,
                };
                var reply = await calls.CallAsync(home, (service, token) => service.AdmitAsync(request, token), CancellationToken.None);
                if (await ReadAsync(actor, spec, reply, home) is { } admitted)
                {
                    remembered.Remember(threadId, home);
                    return admitted;
                }

                remembered.Forget(threadId);
                named = NamedBy(reply, isNamed);
                isTried |= named is not null;
                if (isKnown || named is not null)
                {
                    continue;
                }
            }
            catch (WeftException e) when (isChosen && e.Kind == ProblemKind.NotFound)
            {
                // The assistant has changed, or the server is of an earlier version and was not asked for the graph. This server decides.
                continue;
            }
            catch (ServerUnreachableException)
            {
                remembered.Forget(threadId);
                isRepeated = true;
                isSearched = false;
            }

            await tries.WaitAsync(cancellationToken);
        }
    }

    // No other server knows the new threads.
    public Task<IReadOnlyList<IRunHandle>> AdmitAllAsync(
        Actor actor, IReadOnlyList<RunSpec> specs, CancellationToken cancellationToken) =>
        local.AdmitAllAsync(actor, specs, cancellationToken);

    public async Task<bool> CancelAsync(RunRecord run, CancelRequest request, CancellationToken cancellationToken)
    {
        var hasEnded = false;
        var (cancelled, server) = await SendAsync(
            run.ThreadId,
            async () =>
            {
                var result = await local.CancelAsync(run.Key, request, cancellationToken);
                hasEnded = result == CancelResult.Ended;
                return result != CancelResult.HadEnded;
            },
            async (service, token) =>
            {
                var reply = await service.CancelAsync(RunRef.Of(run), (int)request.Action, request.Reason, token);
                hasEnded = reply.HasEnded;
                return reply;
            },
            cancellationToken,
            remembered.Find(run.ThreadId));
        if (cancelled && !hasEnded && await FindOtherAsync(run.ThreadId, cancellationToken) is { } home && home != server)
        {
            // The run may have moved since its request to cancel was looked for there.
            await calls.TryTellAsync(
                home, service => service.CancelAsync(RunRef.Of(run), (int)request.Action, request.Reason, CancellationToken.None));
        }

        return cancelled;
    }

    public async Task<bool> DeleteAsync(RunRecord run, CancellationToken cancellationToken)
    {
        var (deleted, _) = await SendAsync(
            run.ThreadId,
            () => local.DeleteAsync(run, cancellationToken),
            (service, token) => service.DeleteAsync(RunRef.Of(run), token),
            cancellationToken);
        return deleted;
    }

    public Task EndAllAsync(ThreadId threadId, CancellationToken cancellationToken) => SendAsync(
        threadId,
        async () =>
        {
            await local.EndAllAsync(threadId, cancellationToken);
            return true;
        },
        (service, token) => service.EndAllAsync(threadId.Value, token),
        cancellationToken);

    public async Task<IRunHandle?> FindAsync(RunRecord run, CancellationToken cancellationToken)
    {
        if (run.EndedAt is not null)
        {
            return null;
        }

        for (var tries = new CallTries(options, time); ;)
        {
            var place = await locator.LocateAsync(run, cancellationToken);
            if (!place.IsBetween)
            {
                return place.Here ?? (place.Server is { } server ? new RemoteRun(run, server, this, copies, remote) : null);
            }

            await tries.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask<RunStream> OpenStreamAsync(RunRecord run, CancellationToken cancellationToken)
    {
        for (var tries = new CallTries(options, time); ;)
        {
            if (streams.Find(run.RunId) is { IsAbandoned: false } known && (!known.IsCopy || known.HasEnded))
            {
                return known;
            }

            if (await copies.TryOpenAsync(run.RunId, cancellationToken) is { } copy)
            {
                return copy;
            }

            if (run.Status is not (RunStatus.Pending or RunStatus.Running))
            {
                return await OpenEndedAsync(run, cancellationToken);
            }

            var place = await locator.LocateAsync(run, cancellationToken);
            if (place.Here is { } here)
            {
                return await here.OpenStreamAsync(cancellationToken);
            }

            try
            {
                if (place.IsBetween)
                {
                    await tries.WaitAsync(cancellationToken);
                }
                else if (place.Server is { } server)
                {
                    return await copies.OpenAsync(run, server, cancellationToken);
                }
            }
            catch (Exception e) when (e is ThreadElsewhereException or ServerUnreachableException)
            {
                // It has ended there, or its server is about to be declared dead.
                await tries.WaitAsync(cancellationToken);
            }

            run = await runs.FindAsync(new Actor(run.Owner), run.RunId, cancellationToken)
                ?? run with { Status = RunStatus.Interrupted, UpdatedAt = time.GetUtcNow() };
        }
    }

    /// <summary>Returns the log of a run that has ended, from the memory of the server that executed it if it is still there.</summary>
    private async Task<RunStream> OpenEndedAsync(RunRecord run, CancellationToken cancellationToken)
    {
        try
        {
            if (ended.ServerOf(run) is { } server)
            {
                return await copies.OpenAsync(run, server, cancellationToken);
            }
        }
        catch (Exception e) when (e is ThreadElsewhereException or ServerUnreachableException)
        {
            // It was evicted, or went with its server.
        }

        return await local.OpenStreamAsync(run, cancellationToken);
    }

    public async ValueTask<ThreadStreamReader> FollowAsync(
        string owner,
        ThreadId threadId,
        (RunStream Stream, long After)? resumed,
        long? startOrder,
        IReadOnlyList<string>? modes,
        CancellationToken cancellationToken)
    {
        var first = resumed?.Stream.StartOrder ?? startOrder + 1 ?? 0;
        await followed.FollowAsync(owner, threadId, first, wantsAllEvents: false, cancellationToken);
        if (startOrder is null)
        {
            await ended.AddAsync(owner, threadId, first, cancellationToken);
        }

        return await local.FollowAsync(owner, threadId, resumed, startOrder, modes, cancellationToken);
    }

    public async ValueTask<ThreadLogReader> FollowLogAsync(
        string owner, ThreadId threadId, long after, CancellationToken cancellationToken)
    {
        var first = ThreadLog.PlaceOf(after + 1).StartOrder;
        await followed.FollowAsync(owner, threadId, first, wantsAllEvents: true, cancellationToken);
        await ended.AddAsync(owner, threadId, first, cancellationToken);
        return await local.FollowLogAsync(owner, threadId, after, cancellationToken);
    }

    public ValueTask<long> FindLastSeqAsync(ThreadRecord thread, CancellationToken cancellationToken) =>
        local.FindLastSeqAsync(thread, cancellationToken);

    public async ValueTask EditedAsync(ThreadId threadId, CheckpointAddress address)
    {
        // Readers on this server are told by the home, in the order of its runs.
        if (await FindOtherAsync(threadId, CancellationToken.None) is { } home)
        {
            await calls.TryTellAsync(home, service => service.EditedAsync(threadId.Value, address.CheckpointId, address.Namespace));
        }
        else
        {
            await local.EditedAsync(threadId, address);
        }
    }

    public void Deleted(ThreadId threadId)
    {
        followed.Forget(threadId);
        local.Deleted(threadId);
        calls.TellAll(service => service.DeletedAsync(threadId.Value));
    }

    private async Task<IRunHandle?> ReadAsync(Actor actor, RunSpec spec, Reply<RunMessage> reply, int home)
    {
        Replies.ThrowIfRefused(reply);
        switch (reply.Kind)
        {
            case ReplyKind.Done:
                var admitted = reply.Value!;
                return new RemoteRun(admitted.ToRecord(), home, this, copies, remote, admitted.Outcome?.ToOutcome());
            case ReplyKind.CronChanged:
                throw new CronChangedException(spec.Cron!.CronId);
            case ReplyKind.Repeated
                when await runs.FindAsync(new Actor(actor.Id), new RunId(reply.RunId!.Value), CancellationToken.None) is { } earlier:
                throw new RepeatedRunException(earlier);
            default:
                return null;
        }
    }

    /// <summary>
    /// Returns the home that a server names in place of itself, which may be this server; null if it is to be looked for. If the server
    /// itself was named by another one, it is looked for, so that no request is sent round and round.
    /// </summary>
    private int? NamedBy<T>(Reply<T> reply, bool isNamed) =>
        !isNamed && reply is { Kind: ReplyKind.Elsewhere, Home: { } home } && !servers.IsDead(home) ? home : null;

    /// <summary>Returns the home of a thread if it is another server that lives.</summary>
    private async Task<int?> FindOtherAsync(ThreadId threadId, CancellationToken cancellationToken) =>
        await homes.FindAsync(threadId, cancellationToken) is { } home && home != servers.Here && !servers.IsDead(home) ? home : null;

    /// <summary>
    /// Handles a call here, or at the home of its thread. Returns the result and the other server that handled it. A server that is
    /// known to have had the runs of the thread is believed if it has done something.
    /// </summary>
    private async Task<(bool Result, int? Server)> SendAsync(
        ThreadId threadId,
        Func<Task<bool>> handle,
        Func<IServerService, CancellationToken, Task<Reply<bool?>>> call,
        CancellationToken cancellationToken,
        int? known = null)
    {
        known = sessions.HasRuns(threadId) ? null : known;
        int? named = null;
        for (var tries = new CallTries(options, time); ;)
        {
            int home;
            var (isKnown, isNamed) = (known is not null, named is not null);
            try
            {
                var other = known ?? named ?? (sessions.IsStopping ? await FindOtherAsync(threadId, cancellationToken) : null);
                (known, named) = (null, null);
                if (other is null || other == servers.Here)
                {
                    return (await handle(), null);
                }

                home = other.Value;
            }
            catch (ThreadElsewhereException e) when (e.Home is { } elsewhere)
            {
                remembered.Remember(threadId, home = elsewhere);
            }

            try
            {
                var reply = await calls.CallAsync(home, call, cancellationToken);
                Replies.ThrowIfRefused(reply);
                named = NamedBy(reply, isNamed);
                if (named is not null || (isKnown && reply is not { Kind: ReplyKind.Done, Value: true }))
                {
                    remembered.Forget(threadId);
                    continue;
                }

                if (reply is { Kind: ReplyKind.Done, Value: { } done })
                {
                    return (done, home);
                }

                if (reply.Kind == ReplyKind.Done)
                {
                    // It is still at it.
                    tries = new CallTries(options, time);
                    continue;
                }
            }
            catch (ServerUnreachableException)
            {
                // It is dead, or about to be declared so. Then its threads are taken over.
            }

            remembered.Forget(threadId);

            await tries.WaitAsync(cancellationToken);
        }
    }
}
