namespace Weft.Storage.Postgres.Tests;

/// <summary>A database whose primary server dies and is replaced by its standby.</summary>
public sealed class PromotionTests
{
    [Fact]
    public async Task Callers_go_on_with_a_promoted_standby_that_has_all_that_was_acknowledged()
    {
        await using var primary = await TcpPostgres.StartAsync();
        await using var standby = await primary.StartStandbyAsync();
        // A commit is acknowledged when the standby has it.
        await primary.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await primary.ExecuteAsync("SELECT pg_reload_conf()");
        await using var database = new PostgresDatabase(new PostgresStorageOptions
        {
            ConnectionString =
                $"Host=127.0.0.1:{primary.Port},127.0.0.1:{standby.Port};Username=postgres;Database=postgres;Host Recheck Seconds=1",
        });

        await StoredRuns.ShouldSurviveAsync(database, async () =>
        {
            await primary.KillAsync();
            await standby.PromoteAsync();
            await standby.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names");
            await standby.ExecuteAsync("SELECT pg_reload_conf()");
        });

        (await database.TryHoldLockAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();
    }
}
