using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>A server whose machine has a wrong clock uses that of the database.</summary>
public sealed class DatabaseClockTests : IDisposable
{
    private readonly string _connectionString = TestDatabases.Create();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => TestDatabases.Remove(_connectionString);

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public async Task The_clock_is_right_as_soon_as_the_database_is_open_and_after_its_connection_was_lost(int ahead)
    {
        var clock = new SharedClock(new WrongClock(TimeSpan.FromSeconds(ahead)));
        await using var database = new PostgresDatabase(
            new PostgresStorageOptions { ConnectionString = _connectionString }, clock: clock);

        await database.OpenAsync(Token);
        await ShouldBeRightAsync(database, clock);
        TestDatabases.Execute(
            _connectionString,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()");
        (await database.TryHoldLockAsync(Token)).ShouldBeTrue();
        (await database.TryHoldLockAsync(Token)).ShouldBeTrue();

        await ShouldBeRightAsync(database, clock);
        clock.MachineAhead.TotalSeconds.ShouldBe(ahead, 5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_option_leaves_the_time_to_the_application(bool isDatabaseUsed)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(new WrongClock(TimeSpan.FromHours(1)));
        services.AddSingleton<SharedClock>();
        services.AddWeftPostgres(options =>
        {
            options.ConnectionString = _connectionString;
            options.UseDatabaseClock = isDatabaseUsed;
        });
        await using var provider = services.BuildServiceProvider();

        await provider.GetRequiredService<PostgresDatabase>().OpenAsync(Token);

        (provider.GetRequiredService<SharedClock>().GetUtcNow() < DateTimeOffset.UtcNow.AddMinutes(30)).ShouldBe(isDatabaseUsed);
    }

    private static async Task ShouldBeRightAsync(PostgresDatabase database, SharedClock clock)
    {
        const string Ask = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
        var before = clock.GetUtcNow();
        var shown = await database.ReadAsync(session => session.Use(Ask).FirstAsync(row => row.Time(0)), Token);
        var after = clock.GetUtcNow();

        // The clock may be wrong by less than the shortest way to the database and back.
        shown.ShouldBeInRange(before.AddSeconds(-1), after.AddSeconds(1));
    }

    private sealed class WrongClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}
