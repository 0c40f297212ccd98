namespace Weft.Runs;

/// <summary>The home of every thread on a single server. It passes each message to the session of the thread.</summary>
internal sealed class LocalHome(
    ThreadSessions sessions, RunAdmission admission, RecoverySignal recovery, RunStreams streams, SharedClock time)
    : IThreadHomes, IThreadHome
{
    /// <summary>How long a reader waits until what it will see is stored.</summary>
    private static readonly TimeSpan KeepLimit = TimeSpan.FromSeconds(1);

    public IThreadHome Of(ThreadId threadId) => this;

    public ValueTask<RunStream?> FindOutlivingAsync(Actor actor, RunId runId, CancellationToken cancellationToken) =>
        new(streams.FindOutliving(actor, runId));

    public Task<IRunHandle> AdmitAsync(
        Actor actor, RunSpec spec, ThreadId threadId, bool isAwaited, CancellationToken cancellationToken) =>
        AdmitAsync(actor, spec, threadId, RunId.New(time), isRepeated: false, cancellationToken);

    /// <summary>Admits a run with an id that the caller has chosen. See <see cref="ThreadSession.AdmitAsync"/>.</summary>
    public async Task<IRunHandle> AdmitAsync(
        Actor actor, RunSpec spec, ThreadId threadId, RunId runId, bool isRepeated, CancellationToken cancellationToken)
    {
        using var visit = sessions.Open(threadId);
        return await visit.Session.AdmitAsync(actor, spec, runId, isRepeated, cancellationToken);
    }

    public async Task<IReadOnlyList<IRunHandle>> AdmitAllAsync(
        Actor actor, IReadOnlyList<RunSpec> specs, CancellationToken cancellationToken)
    {
        // No other caller knows the new threads, so these turns are free.
        var visits = specs.Select(_ => sessions.Open(ThreadId.New(time))).ToList();
        var turns = new List<ThreadTurn>(specs.Count);
        try
        {
            foreach (var visit in visits)
            {
                turns.Add(await visit.Session.EnterAsync(cancellationToken));
            }

            return await admission.AdmitAllAsync(turns, actor, specs, cancellationToken);
        }
        finally
        {
            foreach (var turn in turns)
            {
                await turn.DisposeAsync();
            }

            visits.ForEach(visit => visit.Dispose());
        }
    }

    public async Task<bool> CancelAsync(RunRecord run, CancelRequest request, CancellationToken cancellationToken) =>
        await CancelAsync(run.Key, request, cancellationToken) != CancelResult.HadEnded;

    /// <summary>Cancels a run. See <see cref="ThreadSession.CancelAsync"/>.</summary>
    public async Task<CancelResult> CancelAsync(RunKey run, CancelRequest request, CancellationToken cancellationToken)
    {
        using var visit = sessions.Open(run.ThreadId);
        return await visit.Session.CancelAsync(run.RunId, request, cancellationToken);
    }

    public async Task<IRunHandle?> FindAsync(RunRecord run, CancellationToken cancellationToken)
    {
        using var visit = sessions.Open(run.ThreadId);
        return await visit.Session.FindAsync(run.RunId, cancellationToken);
    }

    public async ValueTask<RunStream> OpenStreamAsync(RunRecord run, CancellationToken cancellationToken)
    {
        if (!recovery.IsSettled && run.Status is RunStatus.Pending or RunStatus.Running)
        {
            // If no server executes the run, its log does not continue until this server takes the run over.
            await FindAsync(run, cancellationToken);
        }

        return await streams.OpenAsync(run, cancellationToken);
    }

    public ValueTask<ThreadStreamReader> FollowAsync(
        string owner,
        ThreadId threadId,
        (RunStream Stream, long After)? resumed,
        long? startOrder,
        IReadOnlyList<string>? modes,
        CancellationToken cancellationToken) =>
        new(streams.Follow(owner, threadId, resumed, startOrder, modes));

    public async ValueTask<ThreadLogReader> FollowLogAsync(
        string owner, ThreadId threadId, long after, CancellationToken cancellationToken)
    {
        var reader = streams.FollowLog(threadId, after);
        try
        {
            await streams.KeepAsync(threadId).WaitAsync(KeepLimit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Storage is slow or away. The reader gets what is in memory, and later events come when they are stored.
        }
        catch
        {
            reader.Dispose();
            throw;
        }

        return reader;
    }

    public ValueTask EditedAsync(ThreadId threadId, CheckpointAddress address)
    {
        streams.Threads.Edit(threadId, address);
        return default;
    }

    public void Deleted(ThreadId threadId) => streams.RemoveEnded(threadId);

    // If the log of the last run is not in memory, every number will do that is before those of the next run, or before those of
    // this run if it is not taken over yet.
    public ValueTask<long> FindLastSeqAsync(ThreadRecord thread, CancellationToken cancellationToken) => new(
        thread.RunsStarted == 0 ? 0
        : streams.Threads.FindLastSeq(thread.ThreadId, thread.RunsStarted)
            ?? ThreadLog.SeqOf(thread.Status == ThreadStatus.Busy ? thread.RunsStarted : thread.RunsStarted + 1, -1));

    public async Task<bool> DeleteAsync(RunRecord run, CancellationToken cancellationToken)
    {
        using var visit = sessions.Open(run.ThreadId);
        return await visit.Session.DeleteAsync(run, cancellationToken);
    }

    public async Task EndAllAsync(ThreadId threadId, CancellationToken cancellationToken)
    {
        using var visit = sessions.Open(threadId);
        await visit.Session.EndAllAsync(cancellationToken);
    }
}
