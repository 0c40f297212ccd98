using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Notes when a stream was written to last, and wakes its writer one interval later. One timer serves a stream: it is set again
/// when it fires, never when something is written, so that an event costs no timer.
/// </summary>
internal sealed class Heartbeat : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private RunStreamReader? _reader;
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

    /// <summary>How long nothing needs to be written; zero or less when it is time.</summary>
    public TimeSpan Remaining => _interval - _time.GetElapsedTime(Volatile.Read(ref _lastWrite));

    /// <summary>The reader that the writer waits with.</summary>
    public void Wake(RunStreamReader reader) => Volatile.Write(ref _reader, reader);

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
        Volatile.Read(ref _reader)?.Wake();
        SetTimer(_interval);
    }

    /// <summary>In whole milliseconds, upwards: a timer cuts what is less, and would fire before it is time.</summary>
    private void SetTimer(TimeSpan due) => _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(due.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
}
