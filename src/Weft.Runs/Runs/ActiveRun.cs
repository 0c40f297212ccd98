using System.Diagnostics;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A run that has not ended, as this server holds it.</summary>
/// <param name="record">The run as it is stored.</param>
/// <param name="spec">What the run does.</param>
/// <param name="stream">Its event log.</param>
/// <param name="session">The session of its thread.</param>
/// <param name="isStarted">Whether the run is stored as started by this server. If false, its start must still be stored.</param>
internal sealed class ActiveRun(RunRecord record, RunSpec spec, RunStream stream, ThreadSession session, bool isStarted)
    : IRunHandle, IDisposable
{
    // A waiting run keeps an input up to this size in memory.
    private const int KeptBytesMax = 65_536;

    private readonly TaskCompletionSource<RunOutcome> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private ITimer? _timeout;
    private CancelRequest? _cancelRequest = record.CancelRequest;

    public RunRecord Record { get; private set; } = record;

    public RunId RunId => Record.RunId;

    public ThreadId ThreadId => Record.ThreadId;

    public RunSpec Spec { get; private set; } = spec;

    public RunStream Stream { get; } = stream;

    public ThreadSession Session { get; } = session;

    /// <summary>What it executes; null for a run that was taken over and has not executed yet.</summary>
    public RunPlan? Plan { get; set; }

    /// <summary>Whether its input is only in storage (see <see cref="EvictInput"/>).</summary>
    public bool HasEvictedInput { get; private set; }

    /// <summary>Whether its thread is removed when it ends. This is so for a stateless run whose thread is not kept.</summary>
    public bool IsTemporary => Spec is { ThreadId: null, KeepThread: false };

    public bool IsStarted { get; } = isStarted;

    /// <summary>The attempt in whose name this server executes the run.</summary>
    public int Attempt { get; } = isStarted ? record.Attempt : record.Attempt + 1;

    /// <summary>The uptime at which a run with a delay may start; null if only the wall clock time is known.</summary>
    public TimeSpan? DueUptime { get; init; }

    /// <summary>
    /// Whether servers have died more than once while they executed the run, before it stored anything. It may be the cause.
    /// </summary>
    public bool IsSuspect { get; init; }

    /// <summary>
    /// Whether another server of the cluster must execute it, because this one does not have its graph. It waits here for one that has.
    /// </summary>
    public bool IsForeign { get; init; }

    /// <summary>When this server began to execute it.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>The same moment on the clock that measures durations; null if the run was not executed.</summary>
    public long? StartTimestamp { get; set; }

    /// <summary>What this attempt does; null if that is not kept, or before the attempt executes.</summary>
    public RunTimeline? Timeline { get; set; }

    /// <summary>The parent of its span: the request that created it, or nothing.</summary>
    public ActivityContext Origin { get; init; }

    /// <summary>The span of its execution; null if nobody wants it.</summary>
    public Activity? Span { get; set; }

    /// <summary>The attempt in whose name the execution writes.</summary>
    public RunAttempt AsAttempt => new(ThreadId, RunId, Attempt);

    public CancellationToken StopToken => _stop.Token;

    /// <summary>Completes when the execution is asked to stop, even if code that the token calls blocks.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>The first request of a client or another run to cancel it; null if there is none.</summary>
    public CancelRequest? CancelRequest => _cancelRequest;

    /// <summary>Completes when the end of the run is stored.</summary>
    public Task<RunOutcome> Ended => _ended.Task;

    ValueTask<RunStream> IRunHandle.OpenStreamAsync(CancellationToken cancellationToken) => new(Stream);

    ValueTask<ReadOnlyMemory<byte>> IRunHandle.ReadTimelineAsync(CancellationToken cancellationToken) =>
        new(Timeline is { } timeline ? TimelineCodec.Encode(Attempt, timeline.Read()) : default(ReadOnlyMemory<byte>));

    /// <summary>
    /// Returns the time until the run may start; zero if it may start now. The clock with the shorter wait decides, because the
    /// wall clock may have been set back and the other clock stops while the machine sleeps.
    /// </summary>
    public TimeSpan WaitAt(Moment moment)
    {
        if (Record.NotBefore is not { } notBefore)
        {
            return TimeSpan.Zero;
        }

        var wait = notBefore - moment.Now;
        if (DueUptime is { } due && due - moment.Uptime < wait)
        {
            wait = due - moment.Uptime;
        }

        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>
    /// Removes a large input from memory while the run waits, because many runs may wait for long. Storage has it. The caller has the
    /// turn of the thread.
    /// </summary>
    /// <returns>The handle that the creator of the run gets, with the record as it was stored.</returns>
    public IRunHandle EvictInput()
    {
        if (HasEvictedInput || Spec.Input is null || Record.Kwargs.Length <= KeptBytesMax)
        {
            return this;
        }

        var created = new AdmittedRun(Record, this);
        Record = Record with { Kwargs = RunKwargs.Write(Spec with { Input = GraphJson.EmptyObject }) };
        // The other members refer to the text of the request too. These are copies.
        var rest = RunKwargs.Read(Record);
        Spec = Spec with
        {
            Input = rest.Input,
            Metadata = rest.Metadata,
            Config = rest.Config,
            Context = rest.Context,
            Headers = rest.Headers,
        };
        HasEvictedInput = true;
        return created;
    }

    /// <summary>Reads an evicted input again; false if the run is not stored any more or can't be read.</summary>
    public async ValueTask<bool> TryRestoreInputAsync(IRunStore runs)
    {
        if (!HasEvictedInput)
        {
            return true;
        }

        if (await runs.FindAsync(new Actor(Record.Owner), RunId, CancellationToken.None) is not { } stored)
        {
            return false;
        }

        try
        {
            Spec = Spec with { Input = RunKwargs.Read(stored).Input };
        }
        catch (UnreadableRunException)
        {
            return false;
        }

        Record = Record with { Kwargs = stored.Kwargs };
        HasEvictedInput = false;
        return true;
    }

    public void Cancel(CancelRequest request)
    {
        if (Interlocked.CompareExchange(ref _cancelRequest, request, null) is null)
        {
            Stop();
        }
    }

    /// <summary>Stops the execution without cancelling the run.</summary>
    public void Stop()
    {
        _stopped.TrySetResult();

        // The token calls code of the graph, which may block, so it must not be called on this thread.
        _ = _stop.CancelAsync();
    }

    public void StopAfter(TimeSpan timeout, TimeProvider time) =>
        _timeout = time.CreateTimer(static run => ((ActiveRun)run!).Stop(), this, timeout, Timeout.InfiniteTimeSpan);

    public void End(RunOutcome outcome)
    {
        _ended.TrySetResult(outcome);
        Dispose();
    }

    // The source of the token is not disposed of. It holds no resource, and abandoned code may still use its token.
    public void Dispose() => _timeout?.Dispose();
}
