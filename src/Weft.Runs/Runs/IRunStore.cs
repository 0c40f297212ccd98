namespace Weft.Runs;

/// <summary>Keeps the runs of threads.</summary>
/// <remarks>
/// Every implementation passes <c>RunStoreContract</c>; what that suite does not check is not promised.
/// Each method is one transaction. A task that completes means that the change is committed. Writes of one thread take
/// effect in the order of the calls, whichever store they are made to and whether or not each is awaited before the next;
/// nothing is promised across threads. A write that is repeated before any other of its thread, as when its answer was lost,
/// changes nothing more and has the same result; but a run that was deleted is missing.
/// At most one run of a thread is <see cref="RunStatus.Running"/>: a constraint of the database, beside the coordinator's promise.
/// </remarks>
public interface IRunStore
{
    /// <summary>Adds a run, and its thread where asked and absent; the thread becomes busy.</summary>
    Task<RunCreated> CreateAsync(RunCreation creation, CancellationToken cancellationToken);

    /// <summary>Adds runs, each with the new thread that it brings along: all of them, or none and an exception.</summary>
    Task CreateAllAsync(IReadOnlyList<RunCreation> creations, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a pending run running, or a running one that of a newer attempt; its attempt becomes <paramref name="attempt"/>,
    /// which must be the stored one plus one, and its thread busy. <see langword="false"/> when the run does not exist, has ended
    /// or is at another attempt, or when another run of the thread is running.
    /// </summary>
    Task<bool> TryStartAsync(RunAttempt attempt, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Makes a running run pending again and counts its attempt as released, as at a clean shutdown.</summary>
    Task<bool> TryReleaseAsync(RunAttempt attempt, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Keeps with a run that it is to be cancelled; what was asked for first stands. <see langword="false"/> when the run is gone or has ended.</summary>
    Task<bool> TryRequestCancelAsync(RunKey run, CancelRequest request, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Ends a run; <see langword="false"/>, with nothing changed, when a newer attempt owns it or it has ended.</summary>
    Task<bool> TryFinishAsync(RunFinish finish, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a run with its checkpoints and events: <see cref="WriteResult.Busy"/> when the run is running and not at
    /// <paramref name="attempt"/>, <see cref="WriteResult.Missing"/> when it does not exist.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="attempt">The attempt that a running run is at; null when the run is not running.</param>
    /// <param name="outcome">How the thread stands then; null leaves it as it is.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<WriteResult> DeleteAsync(
        RunKey run, int? attempt, ThreadOutcome? outcome, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Returns the run, or <see langword="null"/> when <paramref name="actor"/> has no such run.</summary>
    Task<RunRecord?> FindAsync(Actor actor, RunId runId, CancellationToken cancellationToken);

    /// <summary>Returns a page of the thread's runs, newest first; empty when <paramref name="actor"/> has no such thread.</summary>
    Task<IReadOnlyList<RunRecord>> SearchAsync(Actor actor, ThreadId threadId, RunStatus? status, int limit, int offset, CancellationToken cancellationToken);

    /// <summary>Returns a page of the actor's runs that are pending or running, or of one of these, the newest first.</summary>
    /// <param name="actor">The actor.</param>
    /// <param name="status">Only runs of this status, when given.</param>
    /// <param name="after">The last run of the page before; null for the first page.</param>
    /// <param name="limit">The longest page.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<RunRecord>> SearchUnfinishedAsync(
        Actor actor, RunStatus? status, RunRecord? after, int limit, CancellationToken cancellationToken);

    /// <summary>Returns the thread's runs that are pending or running, the running one first, then in the order of creation.</summary>
    Task<IReadOnlyList<RunRecord>> ListUnfinishedAsync(ThreadId threadId, CancellationToken cancellationToken);

    /// <summary>
    /// Returns a page of the threads that have a run which is pending or running, of all actors, in the order in which the first
    /// of those was created.
    /// </summary>
    /// <param name="after">The last thread of the page before; null for the first page.</param>
    /// <param name="limit">The longest page.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<UnfinishedThread>> ListUnfinishedThreadsAsync(
        UnfinishedThread? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns how many attempts of a running run in a row were broken off with their server, the last one included, since the
    /// run last stored a checkpoint or the outcome of a task. A released attempt does not count.
    /// </summary>
    Task<int> CountCrashesAsync(RunKey run, CancellationToken cancellationToken);
}

/// <summary>A run to add.</summary>
public sealed record RunCreation
{
    /// <summary>For whom: the thread must be this actor's.</summary>
    public required Actor Actor { get; init; }

    /// <summary>The run, pending.</summary>
    public required RunRecord Run { get; init; }

    /// <summary>The thread to add, which was not found when the run was decided on; null when the thread exists.</summary>
    public ThreadRecord? NewThread { get; init; }

    /// <summary>What the run changes in the metadata of a thread that exists; null for nothing, which is the usual case.</summary>
    public MetadataChange? ThreadMetadata { get; init; }

    /// <summary>A JSON object: the thread's <see cref="ThreadRecord.GraphConfig"/> from now on; null leaves it as it is.</summary>
    public string? GraphConfig { get; init; }
}

/// <summary>What became of a <see cref="RunCreation"/>.</summary>
public enum RunCreated
{
    /// <summary>The run is stored.</summary>
    Created,

    /// <summary>The actor has no such thread, and it may not be made: none was asked for, or the id is another's. Nothing was stored.</summary>
    ThreadMissing,

    /// <summary>The thread was made since, or its metadata has changed. Nothing was stored; the caller reads the thread again.</summary>
    ThreadChanged,
}

/// <summary>The end of a run: all of it is committed, or nothing.</summary>
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

    /// <summary>How it failed, or why it was cancelled.</summary>
    public string? Error { get; init; }

    /// <summary>How the thread stands after it; null leaves the thread as it is.</summary>
    public ThreadOutcome? Thread { get; init; }

    /// <summary>What a checkpoint that is stored has of the run's input; null when nothing is known of that.</summary>
    public TakenInput? Input { get; init; }

    /// <summary>Whether to replace the run's <see cref="RunRecord.Kwargs"/> by an empty object, because they can't be read.</summary>
    public bool DropInput { get; init; }

    /// <summary>Whether to remove the thread, with this run and all else of it, in the same transaction.</summary>
    public bool DeleteThread { get; init; }

    /// <summary>Events to append to the thread's event log.</summary>
    public IReadOnlyList<RunEventRecord> Events { get; init; } = [];

    /// <summary>The last events of the run's stream, when it is a resumable one.</summary>
    public IReadOnlyList<StreamEventRecord> StreamEvents { get; init; } = [];

    /// <summary>The time of the end.</summary>
    public required DateTimeOffset Now { get; init; }
}
