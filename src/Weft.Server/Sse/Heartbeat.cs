namespace Weft.Server;

/// <summary>
/// Stores when a stream was last written to, and wakes its writer one interval later. A stream has one timer. It is set when it
/// fires and never when something is written, so that an event does not cost a change of the timer.
/// </summary>
internal sealed class Heartbeat : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private Action? _wake;
    private long _lastWrite;
    private int _due;

    public Heartbeat(TimeProvider time, TimeSpan interval)
    {
        _time = time;
        _interval = interval;
        _lastWrite = time.GetTimestamp();
        _timer = time.CreateTimer(static beat => ((Heartbeat)beat!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        SetTimer(interval);
    }

    /// <summary>The time until the next heartbeat; zero or less if it is due.</summary>
    public TimeSpan Remaining => _interval - _time.GetElapsedTime(Volatile.Read(ref _lastWrite));

    /// <summary>Sets what ends the wait of the writer.</summary>
    public void Wake(Action wake) => Volatile.Write(ref _wake, wake);

    public void Wrote()
    {
        Volatile.Write(ref _lastWrite, _time.GetTimestamp());
        Volatile.Write(ref _due, 0);
    }

    public bool TryTake() => Interlocked.Exchange(ref _due, 0) == 1;

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Tick()
    {
        var remaining = Remaining;
        if (remaining > TimeSpan.Zero)
        {
            SetTimer(remaining);
            return;
        }

        Volatile.Write(ref _due, 1);
        Volatile.Read(ref _wake)?.Invoke();
        SetTimer(_interval);
    }

    /// <summary>Sets the timer in whole milliseconds, rounded up: a timer ignores fractions, and would fire too early.</summary>
    private void SetTimer(TimeSpan due) =>
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(due.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
}
