using System.Runtime.CompilerServices;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The operations on runs: create, stream, wait, join, cancel, look up, delete.</summary>
public sealed class RunsFacade
{
    private const int PageSize = 200;

    private const int RecentRunsMax = 20;

    private readonly IRunStore _runs;
    private readonly IThreadStore _threads;
    private readonly ICheckpointStore _checkpoints;
    private readonly IMessageStore _messages;
    private readonly IThreadHomes _homes;
    private readonly RunOutcomes _outcomes;
    private readonly RunStreams _streams;
    private readonly RunsOptions _options;
    private readonly TimeProvider _time;

    internal RunsFacade(
        IRunStore runs,
        IThreadStore threads,
        ICheckpointStore checkpoints,
        IMessageStore messages,
        IThreadHomes homes,
        RunOutcomes outcomes,
        RunStreams streams,
        RunsOptions options,
        TimeProvider time)
    {
        _options = options;
        _runs = runs;
        _threads = threads;
        _checkpoints = checkpoints;
        _messages = messages;
        _homes = homes;
        _outcomes = outcomes;
        _streams = streams;
        _time = time;
    }

    /// <summary>
    /// Creates a run. It is stored when this returns, and executes in the background. If the request repeats an earlier one
    /// (<see cref="RunSpec.Request"/>), this returns the run of that one, which may have ended.
    /// </summary>
    /// <exception cref="WeftException">
    /// The thread does not exist, a queue is full, the thread is busy and the strategy is reject, or the key of the request was used
    /// for another request.
    /// </exception>
    public async Task<RunRecord> CreateBackgroundAsync(Actor actor, RunSpec spec, CancellationToken cancellationToken) =>
        (await CreateAsync(actor, spec, isAwaited: false, cancellationToken)).Run;

    /// <summary>Creates runs, each on a new thread: all of them, or none.</summary>
    /// <exception cref="WeftException">As <see cref="CreateBackgroundAsync"/>.</exception>
    public async Task<IReadOnlyList<RunRecord>> CreateBatchAsync(
        Actor actor, IReadOnlyList<RunSpec> specs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(specs);
        if (specs.Count == 0)
        {
            return [];
        }

        var runs = await _homes.Of(ThreadId.New(_time)).AdmitAllAsync(actor, specs, cancellationToken);
        return [.. runs.Select(run => run.Record)];
    }

    /// <summary>
    /// Creates a run, or finds it as <see cref="CreateBackgroundAsync"/> does, and starts to read its stream from the start.
    /// </summary>
    /// <exception cref="WeftException">As <see cref="CreateBackgroundAsync"/>.</exception>
    public async Task<(RunRecord Run, RunStreamReader Stream)> CreateAndStreamAsync(
        Actor actor, RunSpec spec, CancellationToken cancellationToken)
    {
        var (run, created) = await CreateAsync(actor, spec, isAwaited: false, cancellationToken);
        return created is null
            ? (run, await JoinStreamAsync(run, -1, null, null, cancellationToken))
            : (run, (await created.OpenStreamAsync(cancellationToken)).Read(after: -1));
    }

    /// <summary>
    /// Creates a run, or finds it as <see cref="CreateBackgroundAsync"/> does. The returned task completes when the end of the run
    /// is stored.
    /// </summary>
    /// <exception cref="WeftException">As <see cref="CreateBackgroundAsync"/>.</exception>
    public async Task<(RunRecord Run, Task<RunOutcome> Outcome)> CreateAndWaitAsync(
        Actor actor, RunSpec spec, CancellationToken cancellationToken)
    {
        var (run, created) = await CreateAsync(actor, spec, isAwaited: true, cancellationToken);
        return (run, created?.Ended ?? JoinWaitAsync(actor, run, CancellationToken.None));
    }

    /// <summary>Starts to read the stream of a run that may have ended.</summary>
    /// <param name="run">The run, as <see cref="FindAsync"/> returned it.</param>
    /// <param name="after">As <see cref="RunStream.Read"/>.</param>
    /// <param name="createdAtMs">As <see cref="RunStream.Read"/>.</param>
    /// <param name="modes">As <see cref="RunStream.Read"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RunStreamReader> JoinStreamAsync(
        RunRecord run, long? after, long? createdAtMs, IReadOnlyList<string>? modes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var stream = await _homes.Of(run.ThreadId).OpenStreamAsync(run, cancellationToken);
        return stream.Read(after, modes, createdAtMs);
    }

    /// <summary>
    /// Returns the number of the last event of a run that shows a checkpoint of its thread; null if the run did not write the checkpoint,
    /// or if none of its events that are available now shows it.
    /// </summary>
    /// <param name="run">The run, as <see cref="FindAsync"/> returned it.</param>
    /// <param name="checkpointId">The checkpoint, of the root graph.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<long?> FindEventOfAsync(RunRecord run, CheckpointId checkpointId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var checkpoint = await _checkpoints.FindAsync(run.ThreadId, "", checkpointId, cancellationToken);
        if (checkpoint?.RunId != run.RunId)
        {
            return null;
        }

        var stream = await _homes.Of(run.ThreadId).OpenStreamAsync(run, cancellationToken);
        return await CheckpointEvents.FindLastAsync(stream, checkpointId.ToString());
    }

    /// <summary>
    /// Returns a page of the events that are kept of a run, whatever their modes, without waiting for more. A page ends before
    /// <paramref name="limit"/> if its events have more than 4 MB.
    /// </summary>
    /// <param name="run">The run, as <see cref="FindAsync"/> returned it.</param>
    /// <param name="after">The number of the event before the page; -1 reads from the first event that is kept.</param>
    /// <param name="limit">The longest page.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RunEventPage> ReadEventsAsync(RunRecord run, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var stream = await _homes.Of(run.ThreadId).OpenStreamAsync(run, cancellationToken);
        return await RunEventPage.ReadAsync(stream, after, limit, cancellationToken);
    }

    /// <summary>Returns what each attempt of a run did, as far as that is known, and what the attempt that executes has done until now.</summary>
    internal async Task<IReadOnlyList<TimelineSegment>> ReadTimelineAsync(RunRecord run, CancellationToken cancellationToken)
    {
        // What executes first: if it ends in the meantime, its end is found in storage.
        ReadOnlyMemory<byte> executing = default;
        if (run.EndedAt is null && await _homes.Of(run.ThreadId).FindAsync(run, cancellationToken) is { } active)
        {
            executing = await active.ReadTimelineAsync(cancellationToken);
        }

        var stored = await _runs.FindTimelineAsync(run.Key, cancellationToken);
        var segments = TimelineCodec.Decode(stored ?? default);
        return [.. segments, .. TimelineCodec.Decode(executing).ExceptBy(segments.Select(stored => stored.Attempt), now => now.Attempt)];
    }

    /// <summary>Starts to follow the runs of a thread, including those that are created later.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="threadId">The thread, which must be the actor's.</param>
    /// <param name="last">
    /// The last event that the reader has: its run, and its number in the log of that run. Null if the reader has none.
    /// </param>
    /// <param name="fromStart">
    /// Whether to read all events that are kept if <paramref name="last"/> is null. If its run no longer exists, all are read.
    /// </param>
    /// <param name="modes">As <see cref="RunStream.Read"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ThreadStreamReader> FollowAsync(
        Actor actor,
        ThreadId threadId,
        (RunId RunId, long Seq)? last,
        bool fromStart,
        IReadOnlyList<string>? modes,
        CancellationToken cancellationToken)
    {
        var home = _homes.Of(threadId);
        if (last is { } given && await FindAsync(actor, threadId, given.RunId, cancellationToken) is { } run)
        {
            var stream = await home.OpenStreamAsync(run, cancellationToken);
            return await home.FollowAsync(actor.Id, threadId, (stream, given.Seq), null, modes, cancellationToken);
        }

        if (fromStart || last is not null)
        {
            return await home.FollowAsync(actor.Id, threadId, null, null, modes, cancellationToken);
        }

        // A run that executes elsewhere, or is not taken over yet, is new when its log begins.
        var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        var startOrder = thread.Status == ThreadStatus.Busy ? thread.RunsStarted - 1 : thread.RunsStarted;
        return await home.FollowAsync(actor.Id, threadId, null, startOrder, modes, cancellationToken);
    }

    /// <summary>Starts to read all events of a thread, also those of runs that are created later.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="since">
    /// The number of the last event that the reader has. Null reads from the first run that has not ended, or ended less than
    /// <see cref="RunsOptions.EndedStreamRetention"/> ago.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task<ThreadLogReader> FollowLogAsync(
        Actor actor, ThreadId threadId, long? since, CancellationToken cancellationToken)
    {
        var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        if (since >= ThreadLog.SeqOf(thread.RunsStarted + 1, 0))
        {
            throw new WeftException(ProblemKind.Invalid, $"The thread has no event {since} yet.", "since");
        }

        var after = since ?? await FindStartAsync(actor, thread, cancellationToken);
        var reader = await _homes.Of(threadId).FollowLogAsync(actor.Id, threadId, after, cancellationToken);
        try
        {
            // A reader is notified of a deletion only if it existed before, so it would follow a deleted thread without end.
            _ = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Returns the number of the newest event of a thread, or one that no later event will have; 0 if no run of it has started
    /// or the actor has no such thread.
    /// </summary>
    public async Task<long> FindLastSeqAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        await _threads.FindAsync(actor, threadId, cancellationToken) is { } thread
            ? await _homes.Of(threadId).FindLastSeqAsync(thread, cancellationToken)
            : 0;

    /// <summary>Returns where a thread is when a request comes; null if the actor has no such thread.</summary>
    internal async Task<ThreadPosition?> FindPositionAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        await _threads.FindAsync(actor, threadId, cancellationToken) is { } thread
            ? new ThreadPosition(
                await _homes.Of(threadId).FindLastSeqAsync(thread, cancellationToken),
                thread.Status == ThreadStatus.Busy ? -1 : thread.RunsStarted)
            : null;

    /// <summary>
    /// Waits for the end of a run. If the run has already ended, the outcome has the current values of the thread.
    /// </summary>
    public async Task<RunOutcome> JoinWaitAsync(Actor actor, RunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(run);
        if (await _homes.Of(run.ThreadId).FindAsync(run, cancellationToken) is { } active)
        {
            return await active.Ended.WaitAsync(cancellationToken);
        }

        if (_streams.FindOutliving(actor, run.RunId) is { } log)
        {
            return await RunOutcomes.ReadAsync(log, cancellationToken);
        }

        return await _outcomes.ReadAsync(actor, run, cancellationToken);
    }

    /// <summary>
    /// Cancels a run; false if it had ended before. A pending run ends at once. A running one is asked to stop, and
    /// <see cref="JoinWaitAsync"/> returns when it has ended. The request is stored when this returns, so that a server that
    /// takes over the run after a crash ends it.
    /// </summary>
    public async Task<bool> CancelAsync(RunRecord run, CancelAction action, string? reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        return await _homes.Of(run.ThreadId).CancelAsync(run, new CancelRequest(action, reason), cancellationToken);
    }

    /// <summary>Cancels all of the actor's unfinished runs, or those with one status.</summary>
    public async Task CancelAllAsync(Actor actor, RunStatus? status, CancelAction action, CancellationToken cancellationToken)
    {
        RunPlace? last = null;
        do
        {
            var page = await _runs.ListUnfinishedAsync(actor, status, last, PageSize, cancellationToken);
            foreach (var threadId in page.Select(run => run.ThreadId).Distinct())
            {
                await CancelAllAsync(threadId, status, action, cancellationToken);
            }

            last = page.Count == PageSize ? page[^1] : null;
        }
        while (last is not null);
    }

    /// <summary>Returns the run; null if the actor has no such run on this thread.</summary>
    public async Task<RunRecord?> FindAsync(Actor actor, ThreadId? threadId, RunId runId, CancellationToken cancellationToken) =>
        await _runs.FindAsync(actor, runId, cancellationToken) is { } run && (threadId is null || run.ThreadId == threadId) ? run : null;

    /// <summary>Returns the run.</summary>
    /// <exception cref="WeftException">The actor has no such run on this thread.</exception>
    public async Task<RunRecord> GetAsync(Actor actor, ThreadId threadId, RunId runId, CancellationToken cancellationToken) =>
        await FindAsync(actor, threadId, runId, cancellationToken) ?? throw WeftException.RunNotFound(runId);

    /// <summary>
    /// Returns a run to join. As <see cref="GetAsync"/>, but also a run whose thread was deleted with its end, as long as the log of the
    /// run is in memory. Such a run can only be joined.
    /// </summary>
    internal async Task<RunRecord> GetForJoinAsync(Actor actor, ThreadId? threadId, RunId runId, CancellationToken cancellationToken) =>
        await FindAsync(actor, threadId, runId, cancellationToken) is { } run ? run
        : await _homes.FindOutlivingAsync(actor, runId, cancellationToken) is { } log && (threadId is null || log.ThreadId == threadId)
            ? RunStreams.RecordOf(actor, runId, log.ThreadId)
        : throw WeftException.RunNotFound(runId);

    /// <summary>Returns a page of the thread's runs, newest first.</summary>
    public async Task<IReadOnlyList<RunRecord>> SearchAsync(
        Actor actor, ThreadId threadId, RunStatus? status, int limit, int offset, CancellationToken cancellationToken) =>
        await (await OpenSearchAsync(actor, threadId, status, limit, offset, cancellationToken)).ReadAllAsync(cancellationToken);

    /// <summary>Returns a page of the thread's runs, newest first, which are read as the caller gets to them.</summary>
    public Task<LazyPage<RunRecord>> OpenSearchAsync(
        Actor actor, ThreadId threadId, RunStatus? status, int limit, int offset, CancellationToken cancellationToken) =>
        _runs.OpenSearchAsync(actor, threadId, status, limit, offset, cancellationToken);

    /// <summary>Returns a page of the thread's runs that wait, in the order of their creation, with their number.</summary>
    public Task<LazyPage<RunRecord>> OpenQueueAsync(
        Actor actor, ThreadId threadId, int limit, int offset, CancellationToken cancellationToken) =>
        _runs.OpenPendingAsync(actor, threadId, limit, offset, cancellationToken);

    /// <summary>Returns the tokens that the models of a thread's runs took, without those of deleted runs.</summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task<ThreadUsage> SumUsageAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken)
    {
        _ = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        return await _runs.SumUsageAsync(actor, threadId, cancellationToken);
    }

    /// <summary>
    /// Returns the messages that a run added to the conversation, in order (docs/protocol/gateway.md B10), which are read as the caller
    /// gets to them.
    /// </summary>
    public Task<LazyPage<MessageRecord>> OpenMessagesAsync(
        RunRecord run, int limit, long? beforeSeq, long? afterSeq, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        return _messages.OpenByRunAsync(run.ThreadId, run.RunId, limit, beforeSeq, afterSeq, cancellationToken);
    }

    /// <summary>
    /// Removes a run with its checkpoints. An unfinished run is cancelled first. False if the run does not exist.
    /// </summary>
    /// <exception cref="WeftException">
    /// Another run of the thread executes, and it builds on the checkpoints to remove.
    /// </exception>
    public async Task<bool> DeleteAsync(RunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        return await _homes.Of(run.ThreadId).DeleteAsync(run, cancellationToken);
    }

    /// <summary>Returns the number of an event in the log of its thread; null if the actor has no such run that started.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="runId">The run.</param>
    /// <param name="number">The number in the log of the run; null means its end.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<long?> FindSeqAsync(
        Actor actor, ThreadId threadId, RunId runId, long? number, CancellationToken cancellationToken) =>
        await FindAsync(actor, threadId, runId, cancellationToken) is { StartOrder: > 0 } run
            ? number is { } given ? ThreadLog.SeqOf(run.StartOrder, given) : ThreadLog.SeqOf(run.StartOrder + 1, -1)
            : null;

    /// <summary>
    /// Returns the number that the first event of an attempt has in the log of its thread, or, if that event is not kept, the number of the
    /// run's first event; null if the actor has no such run that started.
    /// </summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="runId">The run.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<long?> FindSeqOfAttemptAsync(
        Actor actor, ThreadId threadId, RunId runId, int attempt, CancellationToken cancellationToken)
    {
        if (await FindAsync(actor, threadId, runId, cancellationToken) is not { StartOrder: > 0 } run)
        {
            return null;
        }

        // How many events earlier attempts have is known from the log only.
        var started = attempt == 1 || attempt > run.Attempt
            ? default
            : await ReadKeptAsync(run, cancellationToken)
                .FirstOrDefaultAsync(kept => kept.Part is RunStartedPart part && part.Attempt == attempt, cancellationToken);
        return ThreadLog.SeqOf(run.StartOrder, started.Seq);
    }

    /// <summary>
    /// Returns the parts of a run's log that tell how the run and the graphs inside it started and ended, as far as they are
    /// kept.
    /// </summary>
    public async Task<IReadOnlyList<StreamPart>> ReadLifecycleAsync(RunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        return await ReadKeptAsync(run, cancellationToken)
            .Select(static kept => kept.Part)
            .Where(static part => part is RunStartedPart or RunEndPart or SubgraphPart)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Reads the events of a run's log that are kept now.</summary>
    private async IAsyncEnumerable<RunEvent> ReadKeptAsync(RunRecord run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = await _homes.Of(run.ThreadId).OpenStreamAsync(run, cancellationToken);
        var end = stream.NextSeq;
        using var reader = stream.ReadAll(-1);
        using var gone = cancellationToken.UnsafeRegister(static reader => ((RunStreamReader)reader!).Wake(), reader);
        for (long next = 0; next < end && !cancellationToken.IsCancellationRequested;)
        {
            var events = reader.TryRead().ToArray();
            foreach (var added in events)
            {
                next = added.Seq + 1;
                yield return added;
            }

            if (events.Length == 0 && (!reader.MustFetch || !await reader.WaitAsync()))
            {
                break;
            }
        }
    }

    /// <summary>Returns the number of the event before the first one that a reader without a position gets.</summary>
    private async Task<long> FindStartAsync(Actor actor, ThreadRecord thread, CancellationToken cancellationToken)
    {
        var kept = _time.GetUtcNow() - _options.EndedStreamRetention;
        var recent = await _runs.OpenSearchAsync(actor, thread.ThreadId, null, RecentRunsMax, 0, cancellationToken);
        var first = await recent
            .Where(run => run.StartOrder > 0 && (run.Status is RunStatus.Pending or RunStatus.Running || run.UpdatedAt > kept))
            .Select(run => run.StartOrder)
            .DefaultIfEmpty(thread.RunsStarted + 1)
            .MinAsync(cancellationToken: cancellationToken);
        // Many runs may wait behind the one that executes.
        return ThreadLog.SeqOf(thread.Status == ThreadStatus.Busy ? Math.Min(first, Math.Max(1, thread.RunsStarted)) : first, -1);
    }

    /// <summary>Creates a run. The handle is null if an earlier request has created it.</summary>
    private async Task<(RunRecord Run, IRunHandle? Created)> CreateAsync(
        Actor actor, RunSpec spec, bool isAwaited, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(spec);
        var threadId = spec.ThreadId ?? ThreadId.New(_time);
        try
        {
            var created = await _homes.Of(threadId).AdmitAsync(actor, spec, threadId, isAwaited, cancellationToken);
            return (created.Record, created);
        }
        catch (RepeatedRunException e)
        {
            return (e.Run, null);
        }
    }

    private async Task CancelAllAsync(ThreadId threadId, RunStatus? status, CancelAction action, CancellationToken cancellationToken)
    {
        // The newest run first, so that a waiting run does not start because the one before it was cancelled.
        foreach (var unfinished in (await _runs.ListUnfinishedRunsAsync(threadId, cancellationToken)).Reverse())
        {
            if ((status is null || unfinished.Status == status)
                && await _runs.FindAsync(new Actor(unfinished.Owner), unfinished.RunId, cancellationToken) is { } run)
            {
                await CancelAsync(run, action, null, cancellationToken);
            }
        }
    }
}
