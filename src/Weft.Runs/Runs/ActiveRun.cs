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
    private readonly TaskCompletionSource<RunOutcome> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private ITimer? _timeout;
    private CancelRequest? _cancelRequest = record.CancelRequest;

    public RunRecord Record { get; } = record;

    public RunId RunId => Record.RunId;

    public ThreadId ThreadId => Record.ThreadId;

    public RunSpec Spec { get; } = spec;

    public RunStream Stream { get; } = stream;

    public ThreadSession Session { get; } = session;

    /// <summary>What it executes; null for a run that was taken over and has not executed yet.</summary>
    public RunPlan? Plan { get; set; }

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
