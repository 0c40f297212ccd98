using Microsoft.Extensions.Logging;

namespace Weft.Runs.Tests;

/// <summary>The clock of a server that follows the clock of its database.</summary>
public sealed class SharedClockTests
{
    private static readonly DateTimeOffset Start = new(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private readonly Machine _machine = new() { Wall = Start.AddHours(1) };
    private readonly LogLines _log = new();
    private readonly SharedClock _clock;
    private DateTimeOffset _database = Start;

    public SharedClockTests() => _clock = new SharedClock(_machine, new SafeLogger<SharedClock>(_log));

    private IEnumerable<string> Warnings => _log.Lines.Where(line => line.Level == LogLevel.Warning).Select(line => line.Text);

    [Fact]
    public void Without_a_database_it_is_the_clock_of_the_machine()
    {
        _clock.GetUtcNow().ShouldBe(_machine.Wall);
        _clock.MachineAhead.ShouldBe(TimeSpan.Zero);
        _clock.GetTimestamp().ShouldBe(_machine.GetTimestamp());

        _machine.Wall = Start;

        _clock.GetUtcNow().ShouldBe(Start);
    }

    [Fact]
    public void It_shows_the_time_of_the_database_whatever_the_machine_shows()
    {
        Ask();
        _clock.GetUtcNow().ShouldBe(Start);
        _clock.MachineAhead.ShouldBe(TimeSpan.FromHours(1));

        Pass(TimeSpan.FromMinutes(5));
        _machine.Wall += TimeSpan.FromDays(1);

        _clock.GetUtcNow().ShouldBe(Start.AddMinutes(5));
        _clock.AheadOf(_machine).ShouldBe(-TimeSpan.FromHours(25));
    }

    [Fact]
    public void The_time_before_the_first_answer_is_computed_after_it()
    {
        var start = SharedClock.DeferNow(_clock);
        Pass(TimeSpan.FromMinutes(5));

        Ask();

        start.Value.ShouldBe(Start);
        Pass(TimeSpan.FromMinutes(5));
        start.Value.ShouldBe(Start);
    }

    [Fact]
    public void An_answer_that_took_long_changes_nothing_that_it_does_not_refute()
    {
        Ask();

        Ask(before: TimeSpan.FromSeconds(20), after: TimeSpan.Zero);
        _clock.GetUtcNow().ShouldBe(_database);
        Ask(before: TimeSpan.Zero, after: TimeSpan.FromSeconds(20));
        _clock.GetUtcNow().ShouldBe(_database);

        // The first answer is halfway between its bounds at the most.
        var fresh = new SharedClock(_machine);
        Ask(fresh, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        fresh.GetUtcNow().ShouldBe(_database.AddSeconds(-1));
    }

    [Fact]
    public void It_goes_forward_with_the_database_at_once()
    {
        Ask();
        _database += TimeSpan.FromMilliseconds(200);
        Ask();
        _clock.GetUtcNow().ShouldBe(_database);
        Warnings.Count().ShouldBe(1);

        _database += TimeSpan.FromMinutes(3);
        Ask();

        _clock.GetUtcNow().ShouldBe(_database);
        Warnings.Last().ShouldStartWith("The clock of the database was changed by 180 s");
    }

    [Fact]
    public void It_stands_still_rather_than_go_back_a_little()
    {
        Ask();
        Pass(TimeSpan.FromSeconds(1));
        var shown = _clock.GetUtcNow();
        _database -= TimeSpan.FromMilliseconds(300);

        Ask();
        _clock.GetUtcNow().ShouldBe(shown);
        Pass(TimeSpan.FromMilliseconds(100));
        Ask();
        _clock.GetUtcNow().ShouldBe(shown);
        _database -= TimeSpan.FromMilliseconds(300);
        Ask();
        _clock.GetUtcNow().ShouldBe(shown);
        Pass(TimeSpan.FromMilliseconds(600));

        _clock.GetUtcNow().ShouldBe(_database);
        _database.ShouldBe(shown.AddMilliseconds(100));
        Warnings.Count().ShouldBe(1);
    }

    [Fact]
    public void It_is_set_back_with_a_database_that_was_set_back_or_replaced()
    {
        Ask();
        _database -= TimeSpan.FromMinutes(3);

        Ask();

        _clock.GetUtcNow().ShouldBe(_database);
        Warnings.Last().ShouldStartWith("The clock of the database was changed by -180 s");
    }

    [Fact]
    public void A_machine_with_another_time_is_reported_once_until_it_has_the_same()
    {
        Ask();
        Pass(TimeSpan.FromSeconds(10));
        Ask();
        Warnings.ShouldHaveSingleItem().ShouldStartWith("The clock of this machine is 3600 s ahead of the database's");

        _machine.Wall = _database.AddSeconds(1);
        Ask();
        _log.Lines[^1].Level.ShouldBe(LogLevel.Information);
        _machine.Wall = _database.AddSeconds(-3);
        Ask();

        Warnings.Last().ShouldStartWith("The clock of this machine is -3 s ahead");
        Warnings.Count().ShouldBe(2);
    }

    private void Pass(TimeSpan time)
    {
        _machine.Pass(time);
        _database += time;
    }

    private void Ask(TimeSpan before = default, TimeSpan after = default) => Ask(_clock, before, after);

    /// <summary>Asks the database, whose answer shows the time between two moments.</summary>
    private void Ask(SharedClock clock, TimeSpan before, TimeSpan after)
    {
        var asked = _machine.GetTimestamp();
        Pass(before);
        var shown = _database;
        Pass(after);
        clock.Follow(shown, asked);
    }

    private sealed class LogLines : ILogger<SharedClock>
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));
    }

    private sealed class Machine : TimeProvider
    {
        private TimeSpan _uptime = TimeSpan.FromDays(100);

        public DateTimeOffset Wall { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => _uptime.Ticks;

        public void Pass(TimeSpan time)
        {
            _uptime += time;
            Wall += time;
        }
    }
}
