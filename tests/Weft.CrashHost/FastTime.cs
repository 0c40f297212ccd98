namespace Weft.CrashHost;

/// <summary>A clock that is fast since a moment, in all processes alike.</summary>
internal sealed class FastTime(DateTimeOffset start, int factor) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => start + ((base.GetUtcNow() - start) * factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, Real(dueTime), Real(period));

    private TimeSpan Real(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / factor;
}
