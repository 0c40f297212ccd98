using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>Starts the runs of a thread when they are due. Only the caller that has the turn of the session may use it.</summary>
internal sealed partial class DueRuns(ThreadSession session, SessionServices services) : IDisposable
{
    // Longer waits are split, because the wall clock may be set forward and timers stop while the machine sleeps.
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    // A server that has the graph may join at any time.
    private static readonly TimeSpan OfferWait = TimeSpan.FromSeconds(5);

    private readonly SafeLogger<ThreadSession> _logger = services.Logger;
    private ITimer? _timer;
    private TimeSpan _wakeAt;

    /// <summary>Whether no run is started until <see cref="Resume"/>.</summary>
    public bool IsSuspended { get; private set; }

    /// <summary>Starts no run until <see cref="Resume"/>, because an unfinished run must be taken over first.</summary>
    public void Suspend() => IsSuspended = true;

    public void Resume() => IsSuspended = false;

    /// <summary>Starts the next run if it is due, or else sets a timer for it. If that fails, sets a timer to try again.</summary>
    public void StartNext()
    {
        try
        {
            var moment = Moment.Of(services.Time);
            if (TryStartNext(moment) is { } wait)
            {
                wait = wait < WaitMax ? wait : WaitMax;
                WakeAfter(wait, moment.Uptime + wait);
            }
        }
        catch (Exception e)
        {
            LogNotStarted(session.ThreadId, RetryWait, e);
            Dispose();
            WakeAfter(RetryWait, TimeSpan.Zero);
        }
    }

    /// <summary>Removes the timer, because it has ended or is not needed any more.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        _timer = null;
    }

    /// <summary>Starts the next run if it is due. If it is not, returns the time until then.</summary>
    private TimeSpan? TryStartNext(Moment moment)
    {
        var runs = session.Runs;
        if (IsSuspended || session.IsStopping || runs.Running is not null || runs.Pending.Count == 0)
        {
            return null;
        }

        if (runs.FindNext(moment) is { IsForeign: true } foreign)
        {
            services.Moved?.Offer(foreign);
            return OfferWait;
        }

        if (runs.StartNext(moment) is not { } run)
        {
            return runs.WaitAt(moment);
        }

        services.Scheduler.Enqueue(run);
        return null;
    }

    /// <summary>
    /// Sets the timer. One that ends early enough is kept, so that callers of a thread that waits set no timers, and none of
    /// them replaces a timer that is about to end by one that was computed before.
    /// </summary>
    /// <param name="wait">The time until it ends.</param>
    /// <param name="wakeAt">The uptime at its end, or an earlier one if that is not known.</param>
    private void WakeAfter(TimeSpan wait, TimeSpan wakeAt)
    {
        if (_timer is not null && _wakeAt <= wakeAt)
        {
            return;
        }

        Dispose();
        _wakeAt = wakeAt;
        _timer = services.Time.CreateTimer(
            static session => _ = ((ThreadSession)session!).WakeAsync(), session, wait, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(1, LogLevel.Error, "The due runs of thread {ThreadId} could not be started; the next try is in {Wait}.")]
    private partial void LogNotStarted(ThreadId threadId, TimeSpan wait, Exception exception);
}
