using System.Threading.Tasks.Sources;

namespace Weft.Runs;

/// <summary>
/// Ends the wait of one reader. A signal that comes while nobody waits ends the next wait. Many readers wait for hours, so a wait
/// allocates nothing.
/// </summary>
internal sealed class ReaderSignal : IValueTaskSource<bool>
{
    private const int Idle = 0;
    private const int Set = 1;
    private const int Waiting = 2;

    private ManualResetValueTaskSourceCore<bool> _wait = new() { RunContinuationsAsynchronously = true };
    private int _state;
    private volatile bool _isClosed;

    /// <summary>Whether the waits end with false from now on.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Waits for a signal. Returns false if the signal was closed. Only one caller may wait at a time.</summary>
    public ValueTask<bool> WaitAsync()
    {
        if (TryTake() || _isClosed)
        {
            return new(!_isClosed);
        }

        _wait.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Idle)
        {
            return new(this, _wait.Version);
        }

        TryTake();
        return new(!_isClosed);
    }

    /// <summary>Ends the wait.</summary>
    public void Send()
    {
        if (Interlocked.CompareExchange(ref _state, Set, Idle) == Waiting
            && Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
        {
            _wait.SetResult(true);
        }
    }

    /// <summary>Ends this wait and all later ones with false.</summary>
    public void Close()
    {
        _isClosed = true;
        Send();
    }

    /// <summary>Takes a signal that came while nobody waited.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Idle, Set) == Set;

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _wait.GetResult(token);
        return !_isClosed;
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);
}
