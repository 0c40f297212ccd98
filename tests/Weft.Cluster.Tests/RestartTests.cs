namespace Weft.Cluster.Tests;

/// <summary>
/// Servers and the database are stopped and started again while clients work. <c>WEFT_OTHER_BUILD</c> is the server of another build, which
/// this one replaces, and by which it is replaced (<c>eng/cluster/check-update</c>).
/// </summary>
public sealed class RestartTests
{
    private const int Seed = 20;

    [Fact]
    public async Task Clients_notice_nothing_of_a_rolling_restart()
    {
        var other = Environment.GetEnvironmentVariable("WEFT_OTHER_BUILD") is { Length: > 0 } given ? given : null;
        await using var cluster = await ClusterUnderTest.StartAsync(other ?? ServerProcess.ThisBuild);
        await using var load = await Load.StartAsync(cluster, Seed, Load.IsRefused);
        foreach (var build in (string[])(other is null ? [ServerProcess.ThisBuild] : [ServerProcess.ThisBuild, other]))
        {
            for (var index = 0; index < cluster.Count; index++)
            {
                await load.GoOnAsync(20);
                (await cluster[index].StopAsync()).ShouldBe(0);
                await cluster.StartAsync(index, build);
            }
        }

        await load.GoOnAsync(20);
        await load.StopAsync();

        load.Failures.ShouldBeEmpty();
        await load.ShouldBeKeptAsync();
        cluster.Ledger.ShouldHaveOneRunAtATime(new HashSet<int>());
    }

    [Fact]
    public async Task A_long_run_moves_to_another_server_between_two_supersteps_when_its_server_stops()
    {
        await using var cluster = await ClusterUnderTest.StartAsync();
        var thread = await cluster.B.NewThreadAsync();
        var run = await cluster.A.CreateAsync(thread, LedgerRuns.Body("long", 20, 500, ",\"stream_resumable\":true"));
        using var stream = await cluster.B.JoinAsync(run + "/stream", ("Last-Event-ID", "-1"));
        await stream.UntilAsync("custom");
        var waiting = cluster.C.GetAsync(run + "/join");

        (await cluster[0].StopAsync()).ShouldBe(0);

        (await stream.ToEndAsync()).Entries().ShouldBe(LedgerRuns.Entries("long", 20)[1..]);
        (await waiting).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("long", 20));
        // No node was executed twice.
        cluster.Ledger.Of(thread).Select(entry => entry.Entry).ShouldBe(LedgerRuns.Entries("long", 20));
        cluster.Ledger.Of(thread).Select(entry => entry.ProcessId).Distinct().Count().ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_lost_when_the_database_is_killed_or_restarted(bool isKilled)
    {
        await using var cluster = await ClusterUnderTest.StartAsync(hasOwnPostgres: true);
        await using var load = await Load.StartAsync(cluster, Seed, Load.IsPassing);
        for (var times = 0; times < 2; times++)
        {
            await load.GoOnAsync(20);
            await (isKilled ? cluster.Postgres.KillAsync() : cluster.Postgres.StopAsync());
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            await cluster.Postgres.StartAgainAsync();
        }

        await load.GoOnAsync(20);
        await load.StopAsync();

        load.Failures.ShouldBeEmpty();
        await load.ShouldBeKeptAsync();
        Enumerable.Range(0, cluster.Count).ShouldAllBe(index => !cluster[index].HasExited);
        cluster.Ledger.ShouldHaveOneRunAtATime(new HashSet<int>());
    }

    [Fact]
    public async Task A_server_that_loses_the_database_for_a_moment_goes_on()
    {
        await using var cluster = await ClusterUnderTest.StartAsync();
        await using var load = await Load.StartAsync(cluster, Seed, Load.IsPassing);
        await load.GoOnAsync(20);
        cluster.ToDatabase(0).Cut();
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        cluster.ToDatabase(0).Restore();

        await load.GoOnAsync(20);
        await load.StopAsync();

        load.Failures.ShouldBeEmpty();
        await load.ShouldBeKeptAsync();
        cluster[0].HasExited.ShouldBeFalse();
    }
}
