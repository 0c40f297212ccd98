namespace Weft.Runs;

/// <summary>
/// A moment on two clocks: the wall clock, which jumps when it is set, and the uptime of the system, which only grows.
/// </summary>
/// <param name="Now">The time of the wall clock.</param>
/// <param name="Uptime">The time since a fixed moment in the past.</param>
internal readonly record struct Moment(DateTimeOffset Now, TimeSpan Uptime)
{
    // TimeProvider.GetElapsedTime computes in floating point, which is wrong by more than a tick after a long uptime.
    public static Moment Of(TimeProvider time) =>
        new(time.GetUtcNow(), TimeSpan.FromTicks((long)((Int128)time.GetTimestamp() * TimeSpan.TicksPerSecond / time.TimestampFrequency)));

    /// <summary>Returns the uptime at which the wall clock will show a time, unless it is set before then.</summary>
    public TimeSpan UptimeAt(DateTimeOffset wall) => Uptime + (wall - Now);
}
