using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Keeps the runs of threads.</summary>
/// <remarks>
/// Every implementation passes <c>RunStoreContract</c>; behaviour that the suite does not check is not guaranteed.
/// Each method is one transaction. When its task completes, the change is committed. Writes of one thread take effect in the
/// order of the calls, across all interfaces of storage, whether or not the caller awaits each one before the next. Threads are not ordered
/// among each other. A caller that lost the answer may repeat a write before any other write of the thread: the repetition
/// changes nothing and returns the same result, except that a deleted run is reported as missing.
/// At most one run of a thread is <see cref="RunStatus.Running"/>. The database enforces this in addition to the coordinator.
/// </remarks>
public interface IRunStore
{
    /// <summary>Adds a run, and its thread if the creation brings one and the thread does not exist. The thread becomes busy.</summary>
    Task<RunCreated> CreateAsync(RunCreation creation, CancellationToken cancellationToken);

    /// <summary>Adds runs, each with a new thread. Adds all of them, or throws and adds none.</summary>
    Task CreateAllAsync(IReadOnlyList<RunCreation> creations, CancellationToken cancellationToken);

    /// <summary>
    /// Starts a pending run, or gives a running one to a newer attempt. The run's attempt becomes <paramref name="attempt"/>,
    /// which must be the stored one plus one, and its thread becomes busy. Returns the <see cref="RunRecord.StartOrder"/> of the
    /// run; <see langword="null"/> when the run does not exist, has ended or is at another attempt, or when another run of the
    /// thread is running. In a cluster also when the thread has another home, or when the run is pending like an earlier one of the
    /// thread that has no delay.
    /// </summary>
    Task<long?> TryStartAsync(RunAttempt attempt, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a running run pending again, as a clean shutdown does. <see cref="CountCrashesAsync"/> does not count its attempt.
    /// </summary>
    /// <param name="attempt">The attempt that ends.</param>
    /// <param name="timeline">As <see cref="RunFinish.Timeline"/>.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<bool> TryReleaseAsync(
        RunAttempt attempt, ReadOnlyMemory<byte>? timeline, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a request to cancel a run. A later request does not replace the first one. Returns <see langword="false"/> when
    /// the run does not exist or has ended.
    /// </summary>
    Task<bool> TryRequestCancelAsync(RunKey run, CancelRequest request, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Ends a run. Returns the <see cref="ThreadRecord.Version"/> of its thread after that, 0 if it is not known;
    /// <see langword="null"/>, and changes nothing, when a newer attempt owns the run or the run has ended.
    /// </summary>
    Task<long?> TryFinishAsync(RunFinish finish, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a run with its checkpoints and events. Returns <see cref="WriteResult.Busy"/> when the run is running and not at
    /// <paramref name="attempt"/>, <see cref="WriteResult.Missing"/> when it does not exist.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="attempt">The attempt that a running run is at; null when the run is not running.</param>
    /// <param name="outcome">The state of the thread after the removal; null leaves it unchanged.</param>
    /// <param name="webhook">The delivery to add, which reports the end of the run; null if the end is not reported.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<WriteResult> DeleteAsync(
        RunKey run,
        int? attempt,
        ThreadOutcome? outcome,
        WebhookRecord? webhook,
        DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>Returns the run, or <see langword="null"/> when <paramref name="actor"/> has no such run.</summary>
    Task<RunRecord?> FindAsync(Actor actor, RunId runId, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the timelines that the attempts of a run left, one after the other; null if there is none or the run does not exist.
    /// </summary>
    Task<ReadOnlyMemory<byte>?> FindTimelineAsync(RunKey run, CancellationToken cancellationToken);

    /// <summary>Removes the timelines of runs that ended before a time. Returns their number.</summary>
    Task<int> DeleteTimelinesAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken);

    /// <summary>Returns the run that a request with the same key created; <see langword="null"/> when there is none.</summary>
    Task<RepeatedRun?> FindRepeatedAsync(Actor actor, RequestKey request, CancellationToken cancellationToken);

    /// <summary>Returns a page of the thread's runs, newest first; empty when <paramref name="actor"/> has no such thread.</summary>
    Task<LazyPage<RunRecord>> OpenSearchAsync(
        Actor actor, ThreadId threadId, RunStatus? status, int limit, int offset, CancellationToken cancellationToken);

    /// <summary>
    /// Returns a page of the thread's pending runs in the order in which they were created, with their number; empty when
    /// <paramref name="actor"/> has no such thread.
    /// </summary>
    Task<LazyPage<RunRecord>> OpenPendingAsync(
        Actor actor, ThreadId threadId, int limit, int offset, CancellationToken cancellationToken);

    /// <summary>Returns a page of the actor's pending and running runs, newest first: only where they are.</summary>
    /// <param name="actor">The actor.</param>
    /// <param name="status">Only runs of this status; null means both.</param>
    /// <param name="after">The last run of the page before; null for the first page.</param>
    /// <param name="limit">The longest page.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<RunPlace>> ListUnfinishedAsync(
        Actor actor, RunStatus? status, RunPlace? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns a page of the actor's runs on all threads, newest first by their ids, which are UUIDs of version 7.
    /// </summary>
    /// <param name="actor">The actor.</param>
    /// <param name="query">The search.</param>
    /// <param name="now">The time until which unfinished runs have executed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<RunPage> SearchAllAsync(Actor actor, RunQuery query, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Counts the actor's runs on all threads by their status. It reads at most <see cref="RunQuery.ReadMax"/> runs that have not
    /// ended, as many that succeeded, and as many that did not.
    /// </summary>
    /// <param name="actor">The actor.</param>
    /// <param name="query">The search; the limit and the page do not matter.</param>
    /// <param name="now">The time until which unfinished runs have executed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<RunCounts> CountAllAsync(Actor actor, RunQuery query, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Returns the thread's runs that are pending or running, the running one first, then in the order of creation.</summary>
    Task<IReadOnlyList<UnfinishedRun>> ListUnfinishedRunsAsync(ThreadId threadId, CancellationToken cancellationToken);

    /// <summary>
    /// Returns a page of the threads of all actors that have a pending or running run, in the order in which the first of
    /// these runs was created.
    /// </summary>
    /// <param name="after">The last thread of the page before; null for the first page.</param>
    /// <param name="limit">The longest page.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<UnfinishedThread>> ListUnfinishedThreadsAsync(
        UnfinishedThread? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the sum of the tokens that the models of a thread's runs took, and the number of runs of which it is known; zeros
    /// when <paramref name="actor"/> has no such thread.
    /// </summary>
    Task<ThreadUsage> SumUsageAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken);

    /// <summary>
    /// Returns how many consecutive attempts of a running run ended with their server, the last one included, since the run
    /// last stored a checkpoint or the outcome of a task. Released attempts are not counted.
    /// </summary>
    Task<int> CountCrashesAsync(RunKey run, CancellationToken cancellationToken);
}

/// <summary>A run to add.</summary>
public sealed record RunCreation
{
    /// <summary>The actor. The thread must belong to this actor.</summary>
    public required Actor Actor { get; init; }

    /// <summary>
    /// The run, pending, or running with the <see cref="RunRecord.StartOrder"/> that follows
    /// <see cref="ThreadRecord.RunsStarted"/> of the thread as the caller read it.
    /// </summary>
    public required RunRecord Run { get; init; }

    /// <summary>The thread to add if the caller did not find it; null when the thread exists.</summary>
    public ThreadRecord? NewThread { get; init; }

    /// <summary>
    /// The <see cref="ThreadRecord.Version"/> of the thread that the caller relies on. At another one the creation is refused with
    /// <see cref="RunCreated.ThreadChanged"/>. Null means any.
    /// </summary>
    public long? ThreadVersion { get; init; }

    /// <summary>
    /// What the caller remembers of the actor's own assistant with the id of the run's. If that has changed since, the creation is
    /// refused with <see cref="RunCreated.ThreadChanged"/>. Null means that the caller has just read it. Only for existing threads.
    /// </summary>
    public RememberedAssistant? Assistant { get; init; }

    /// <summary>The change of an existing thread's metadata; usually null, which means no change.</summary>
    public MetadataChange? ThreadMetadata { get; init; }

    /// <summary>A JSON object: the thread's new <see cref="ThreadRecord.GraphConfig"/>; null leaves it unchanged.</summary>
    public string? GraphConfig { get; init; }

    /// <summary>The key of the request; null if the client gave none.</summary>
    public RequestKey? Request { get; init; }

    /// <summary>The cron that the run is due for, and its next step; null if a client creates the run.</summary>
    public CronStep? Cron { get; init; }
}

/// <summary>What a server remembers of an actor's own assistant.</summary>
/// <param name="UpdatedAt">Its <see cref="AssistantRecord.UpdatedAt"/>; null if the actor had none of its own with that id.</param>
public sealed record RememberedAssistant(DateTimeOffset? UpdatedAt);

/// <summary>The result of a <see cref="RunCreation"/>.</summary>
public enum RunCreated
{
    /// <summary>The run is stored.</summary>
    Created,

    /// <summary>
    /// The actor does not have the thread, and storage did not add it because the creation has none or the id belongs to
    /// another actor. Nothing was stored.
    /// </summary>
    ThreadMissing,

    /// <summary>
    /// The thread was created, or its metadata or something else that the caller relies on changed in the meantime. Nothing was
    /// stored; read again what the creation is made of.
    /// </summary>
    ThreadChanged,

    /// <summary>The actor has a run with the same <see cref="RunCreation.Request"/>. Nothing was stored.</summary>
    Repeated,

    /// <summary>The cron was changed or deleted, or its run was created before. Nothing was stored.</summary>
    CronChanged,

    /// <summary>
    /// Another server of the cluster is the home of the thread, or a thread with unfinished runs has no home: the caller claims it
    /// first. Nothing was stored.
    /// </summary>
    Elsewhere,
}

/// <summary>The end of a run. Storage commits all of it or nothing.</summary>
public sealed record RunFinish
{
    /// <summary>The thread of the run.</summary>
    public required ThreadId ThreadId { get; init; }

    /// <summary>The run.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The attempt that ends it; null for a run that never started.</summary>
    public int? Attempt { get; init; }

    /// <summary>The final status.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>The error of a failed run, or the reason of a cancelled one.</summary>
    public string? Error { get; init; }

    /// <summary>The kind of failure; null if the run did not fail.</summary>
    public string? ErrorName { get; init; }

    /// <summary>The state of the thread after the run; null leaves the thread unchanged.</summary>
    public ThreadOutcome? Thread { get; init; }

    /// <summary>The parts of the run's input that a stored checkpoint contains; null when they are not known.</summary>
    public TakenInput? Input { get; init; }

    /// <summary>Whether to replace the run's <see cref="RunRecord.Kwargs"/> by an empty object, because they can't be read.</summary>
    public bool DropInput { get; init; }

    /// <summary>Whether to remove the thread with all its data, including this run, in the same transaction.</summary>
    public bool DeleteThread { get; init; }

    /// <summary>How long the thread is kept from now on; null leaves that unchanged.</summary>
    public ThreadTtl? ThreadTtl { get; init; }

    /// <summary>The tokens that the models of the run took; null if none said.</summary>
    public UsageByModel? Usage { get; init; }

    /// <summary>What the attempt did, to append to what earlier attempts left; null if that is not kept.</summary>
    public ReadOnlyMemory<byte>? Timeline { get; init; }

    /// <summary>The last events of the run's stream, if the stream is resumable.</summary>
    public IReadOnlyList<StreamBlock> StreamEvents { get; init; } = [];

    /// <summary>The delivery to add, which reports the end of the run; null if the end is not reported.</summary>
    public WebhookRecord? Webhook { get; init; }

    /// <summary>The time of the end.</summary>
    public required DateTimeOffset Now { get; init; }
}
