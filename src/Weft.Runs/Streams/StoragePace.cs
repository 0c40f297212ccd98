namespace Weft.Runs;

/// <summary>
/// Lets the runs of a server store their events at the same moments, so that they share transactions. A run that streams while
/// none has stored for a while does not wait.
/// </summary>
/// <param name="interval">The time between two of these moments; zero if nobody waits.</param>
internal sealed class StoragePace(TimeSpan interval)
{
    private readonly Lock _lock = new();
    private long _last;
    private Task? _next;

    /// <summary>Waits for the next moment.</summary>
    /// <remarks>It uses the system's clock: it is about the load of the database, and not about times that anybody sees.</remarks>
    public Task NextAsync()
    {
        lock (_lock)
        {
            if (_next is { IsCompleted: false } next)
            {
                return next;
            }

            var now = TimeProvider.System.GetTimestamp();
            var wait = _last == 0 ? TimeSpan.Zero : interval - TimeProvider.System.GetElapsedTime(_last, now);
            if (wait <= TimeSpan.Zero)
            {
                _last = now;
                return Task.CompletedTask;
            }

            // Timers count whole milliseconds.
            var rounded = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
            _last = now + (long)(rounded.TotalSeconds * TimeProvider.System.TimestampFrequency);
            return _next = Task.Delay(rounded, TimeProvider.System);
        }
    }
}
