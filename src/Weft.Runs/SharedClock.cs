using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Weft.Runs;

/// <summary>
/// The clock that dates what is stored, and decides what is due and what has expired. If servers share a database, it is the clock of
/// the database, so that all of them agree. Otherwise it is the clock of the machine.
/// </summary>
/// <remarks>
/// Each answer of the database says between which two times its clock was when the answer arrived. This clock is corrected only if it is
/// not between them, and runs with the machine's uptime until the next answer. So slow answers do no harm, and neither does a change of
/// the machine's clock. Timers and timestamps are always the machine's.
/// </remarks>
internal sealed partial class SharedClock : TimeProvider
{
    /// <summary>
    /// This clock stands still if it has to go back by less than this. It is set back if it has to go back by more, because the clock of
    /// the database was changed.
    /// </summary>
    public static readonly TimeSpan StandstillMax = TimeSpan.FromSeconds(1);

    /// <summary>A machine whose clock differs from the database's by more than this is reported.</summary>
    public static readonly TimeSpan DifferenceMax = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _machine;
    private readonly ILogger _logger;
    private volatile Reading? _reading;
    private bool _differs;

    /// <param name="machine">The clock of the machine.</param>
    /// <param name="logger">Reports clocks that differ; null if nobody reads that.</param>
    public SharedClock(TimeProvider machine, SafeLogger<SharedClock>? logger = null)
    {
        _machine = machine;
        _logger = logger ?? (ILogger)NullLogger.Instance;
    }

    /// <summary>
    /// Returns the time of this call. It is computed when it is first read, because a server asks for the time before its database is
    /// open, and its clock does not follow the database until then.
    /// </summary>
    public static Lazy<DateTimeOffset> DeferNow(TimeProvider clock)
    {
        var timestamp = clock.GetTimestamp();
        return new(() => clock.GetUtcNow() - clock.GetElapsedTime(timestamp));
    }

    public override TimeZoneInfo LocalTimeZone => _machine.LocalTimeZone;

    public override long TimestampFrequency => _machine.TimestampFrequency;

    /// <summary>How far the machine's clock is ahead of this one. Zero if no database is followed.</summary>
    public TimeSpan MachineAhead => -AheadOf(_machine);

    public override DateTimeOffset GetUtcNow() =>
        _reading is { } reading ? reading.NowAt(_machine, _machine.GetTimestamp()) : _machine.GetUtcNow();

    /// <summary>How far this clock is ahead of another one. Zero if no database is followed.</summary>
    public TimeSpan AheadOf(TimeProvider other) => _reading is null ? TimeSpan.Zero : GetUtcNow() - other.GetUtcNow();

    public override long GetTimestamp() => _machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _machine.CreateTimer(callback, state, dueTime, period);

    /// <summary>Corrects this clock, if the database's answer shows that it is wrong. Calls must not overlap.</summary>
    /// <param name="shown">The time that the database's clock showed when the database answered.</param>
    /// <param name="asked">The timestamp at which it was asked.</param>
    public void Follow(DateTimeOffset shown, long asked)
    {
        var at = _machine.GetTimestamp();
        var latest = shown + _machine.GetElapsedTime(asked, at);
        if (_reading is not { } reading)
        {
            _reading = new Reading(shown + ((latest - shown) / 2), at, DateTimeOffset.MinValue);
        }
        else if (reading.TimeAt(_machine, at) is var time && time < shown)
        {
            Correct(shown, shown - time, at, reading.Least);
        }
        else if (time > latest)
        {
            Correct(latest, latest - time, at, time - latest < StandstillMax ? reading.NowAt(_machine, at) : DateTimeOffset.MinValue);
        }

        ReportDifference();
    }

    private void Correct(DateTimeOffset time, TimeSpan change, long at, DateTimeOffset least)
    {
        _reading = new Reading(time, at, least);
        if (change.Duration() >= StandstillMax)
        {
            LogCorrected(Math.Round(change.TotalSeconds, 1));
        }
    }

    private void ReportDifference()
    {
        var ahead = MachineAhead;
        var differs = ahead.Duration() > DifferenceMax;
        if (differs == _differs)
        {
            return;
        }

        _differs = differs;
        if (differs)
        {
            LogDiffers(Math.Round(ahead.TotalSeconds, 1));
        }
        else
        {
            LogDiffersNoMore();
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "The clock of this machine is {Seconds} s ahead of the database's (behind it, if that is negative). "
            + "This server uses the database's. Synchronize both.")]
    private partial void LogDiffers(double seconds);

    [LoggerMessage(2, LogLevel.Information, "The clock of this machine is the same as the database's again.")]
    private partial void LogDiffersNoMore();

    [LoggerMessage(
        3,
        LogLevel.Warning,
        "The clock of the database was changed by {Seconds} s, or another database answers, or this machine has slept. "
            + "This server follows the database's clock.")]
    private partial void LogCorrected(double seconds);

    /// <summary>What this clock showed at a timestamp.</summary>
    /// <param name="Time">The time.</param>
    /// <param name="At">The timestamp.</param>
    /// <param name="Least">The time that this clock has already shown, so that it stands still until then.</param>
    private sealed record Reading(DateTimeOffset Time, long At, DateTimeOffset Least)
    {
        public DateTimeOffset TimeAt(TimeProvider machine, long timestamp) => Time + machine.GetElapsedTime(At, timestamp);

        public DateTimeOffset NowAt(TimeProvider machine, long timestamp) =>
            TimeAt(machine, timestamp) is var time && time > Least ? time : Least;
    }
}
