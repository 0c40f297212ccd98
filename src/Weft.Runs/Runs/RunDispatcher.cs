using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>Starts the runs of threads when it is their turn and their time.</summary>
internal sealed partial class RunDispatcher(ThreadGates gates, RunScheduler scheduler, TimeProvider time, ILogger<RunDispatcher> logger) : IDisposable
{
    // A longer wait is done in pieces: the wall clock may be set forward, and timers stop while the machine sleeps.
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<ThreadId, ITimer> _timers = [];
    private bool _isDisposed;

    public ThreadGates Gates => gates;

    public bool IsStopping => scheduler.IsStopping;

    /// <summary>Starts the thread's next run if it is due, or sees to it that it is started when it will be. The caller holds the thread's gate.</summary>
    public void Dispatch(ThreadId threadId, ThreadCoordinator coordinator)
    {
        if (coordinator.Running is not null || coordinator.Pending.Count == 0)
        {
            return;
        }

        var moment = Moment.Of(time);
        if (coordinator.StartNext(moment) is { } run)
        {
            scheduler.Enqueue(run);
        }
        else if (coordinator.WaitAt(moment) is { } wait)
        {
            WakeAfter(threadId, wait < WaitMax ? wait : WaitMax);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (var timer in _timers.Values)
            {
                timer.Dispose();
            }

            _timers.Clear();
        }
    }

    private void WakeAfter(ThreadId threadId, TimeSpan wait)
    {
        lock (_lock)
        {
            if (_timers.Remove(threadId, out var earlier))
            {
                earlier.Dispose();
            }

            if (!_isDisposed)
            {
                _timers[threadId] = time.CreateTimer(state => _ = WakeAsync((ThreadId)state!), threadId, wait, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Lets no exception out: nobody waits for it.</summary>
    private async Task WakeAsync(ThreadId threadId)
    {
        lock (_lock)
        {
            if (_timers.Remove(threadId, out var timer))
            {
                timer.Dispose();
            }
        }

        try
        {
            using var lease = await gates.EnterAsync(threadId, CancellationToken.None);
            Dispatch(threadId, lease.Coordinator);
        }
        catch (Exception e)
        {
            LogNotWoken(threadId, RetryWait, e);
            WakeAfter(threadId, RetryWait);
        }
    }

    [LoggerMessage(LogLevel.Error, "The runs of thread {ThreadId} that are due could not be started; the next try is in {Wait}.")]
    private partial void LogNotWoken(ThreadId threadId, TimeSpan wait, Exception exception);
}
