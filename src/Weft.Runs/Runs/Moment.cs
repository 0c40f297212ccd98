namespace Weft.Runs;

/// <summary>A moment on two clocks: the wall clock, which steps when it is set, and the time since the system began, which only grows.</summary>
/// <param name="Now">What the wall clock shows.</param>
/// <param name="Uptime">What has passed since some moment of the past.</param>
internal readonly record struct Moment(DateTimeOffset Now, TimeSpan Uptime)
{
    // Not TimeProvider.GetElapsedTime, which computes in floating point: over a long uptime that is off by more than a tick.
    public static Moment Of(TimeProvider time) =>
        new(time.GetUtcNow(), TimeSpan.FromTicks((long)((Int128)time.GetTimestamp() * TimeSpan.TicksPerSecond / time.TimestampFrequency)));

    /// <summary>Returns the uptime at which the wall clock shows a time, unless it is set in the meantime.</summary>
    public TimeSpan UptimeAt(DateTimeOffset wall) => Uptime + (wall - Now);
}
