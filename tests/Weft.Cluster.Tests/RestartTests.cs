using System.Net;

namespace Weft.Cluster.Tests;

/// <summary>
/// Servers and the database are stopped and started again while clients work. <c>WEFT_OTHER_BUILD</c> is the server of another build, which
/// this one replaces, and by which it is replaced (<c>eng/cluster/check-update</c>).
/// </summary>
public sealed class RestartTests
{
    private const int Seed = 20;

    private static string? OtherBuild => Environment.GetEnvironmentVariable("WEFT_OTHER_BUILD") is { Length: > 0 } given ? given : null;

    [Fact]
    public async Task Clients_notice_nothing_of_a_rolling_restart()
    {
        var other = OtherBuild;
        await using var cluster = await ClusterUnderTest.StartAsync(other ?? ServerProcess.ThisBuild);
        await using var load = await Load.StartAsync(cluster, Seed, PatientClient.IsRefused);
        await using var mixed = await MixedLoad.StartAsync(cluster, Seed, PatientClient.IsRefused);
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
        await mixed.StopAsync();

        load.Failures.ShouldBeEmpty();
        mixed.Failures.ShouldBeEmpty();
        await load.ShouldBeKeptAsync();
        await mixed.ShouldBeKeptAsync(new HashSet<int>());
        cluster.Ledger.ShouldHaveOneRunAtATime(new HashSet<int>());
    }

    [Fact]
    public async Task Servers_of_two_builds_send_each_other_runs_for_which_they_have_no_room()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(
            OtherBuild ?? ServerProcess.ThisBuild, count: 2, arguments: ["--Weft:Runs:ConcurrentRunsMax", "1"]);
        (await cluster[1].StopAsync()).ShouldBe(0);
        await cluster.StartAsync(1);
        foreach (var (from, to) in ((ServerProcess, ServerProcess)[])[(cluster[1], cluster[0]), (cluster[0], cluster[1])])
        {
            var full = await from.Root.CreateAsync(await from.Root.NewThreadAsync(), LedgerRuns.Body("full", 20, 10_000));
            await from.Root.BeginsAsync(full);
            var thread = await from.Root.NewThreadAsync();

            (await from.Root.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("r"))).ShouldBeOk().Json.Log()
                .ShouldBe(LedgerRuns.Entries("r"));

            cluster.Ledger.Of(thread).ShouldAllBe(entry => entry.ProcessId == to.ProcessId);
            (await from.Root.GetAsync($"/threads/{thread}/runs/{Guid.NewGuid()}/join")).ShouldBe(HttpStatusCode.NotFound);
            (await from.Root.PostAsync($"{full}/cancel?wait=1")).ShouldBeOk();
            foreach (var api in (Api[])[from.Root, to.Root])
            {
                await Waiting.Until(
                    async () => (await api.GetAsync("/weft/server")).Json.GetProperty("executing_runs").GetProperty("value").GetInt32() == 0,
                    "room for another run");
            }
        }
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

    [Fact]
    public async Task A_request_that_comes_while_its_server_stops_waits_for_its_run()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(count: 2);
        var thread = await cluster.B.NewThreadAsync();
        using var body = new HeldContent(LedgerRuns.Body("late"));
        using var http = new HttpClient();
        var path = new Uri(cluster[0].Address, $"threads/{thread}/runs/wait");
        var answer = http.PostAsync(path, body, TestContext.Current.CancellationToken);
        await body.Begun;

        var stopped = cluster[0].StopAsync();
        await Waiting.Until(() => cluster[0].IsClosedAsync(), "the server to listen no more");
        body.GoOn();

        using var response = await answer;
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await cluster.B.LogAsync(thread)).ShouldBe(LedgerRuns.Entries("late"));
        (await stopped).ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_lost_when_the_database_is_killed_or_restarted(bool isKilled)
    {
        await using var cluster = await ClusterUnderTest.StartAsync(hasOwnPostgres: true);
        await using var load = await Load.StartAsync(cluster, Seed, PatientClient.IsPassing);
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
    public async Task A_server_whose_way_to_the_database_is_silent_is_not_ready_and_gives_its_runs_up()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(count: 2);
        var thread = await cluster.A.NewThreadAsync();
        var run = await cluster.B.CreateAsync(thread, LedgerRuns.Body("s", 20, 200, ",\"stream_resumable\":true"));
        using var stream = await cluster.A.JoinAsync(run + "/stream", ("Last-Event-ID", "-1"));
        var frames = new List<SseFrame>();
        while (frames.Entries().Length < 3)
        {
            frames.Add((await stream.NextAsync()).ShouldNotBeNull());
        }

        cluster.ToDatabase(1).Hold();
        await Waiting.Until(() => Task.FromResult(!cluster[1].IsReady), "the server to be not ready");
        (await cluster.B.GetAsync("/health/ready")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        cluster[1].HasExited.ShouldBeFalse();

        frames.AddRange(await stream.ToEndAsync());
        DeathTests.ShouldBeWhole(frames, "s", 20);
        (await cluster.A.StatusAsync(run)).ShouldBe("success");
        await cluster[1].ExitAsync();
        cluster[1].Said.ShouldContain("other servers can reach it. This server ends");
        cluster[1].Said.ShouldNotContain("BackgroundService failed");
    }

    [Fact]
    public async Task A_server_without_the_graph_of_a_run_leaves_it_to_one_that_has_it()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(count: 2);
        (await cluster[1].StopAsync()).ShouldBe(0);
        await cluster.StartAsync(1, null, "--without-ledger");
        var run = await cluster.A.CreateAsync(await cluster.A.NewThreadAsync(), LedgerRuns.Body("g", 10, 500));
        var cancelled = await cluster.A.CreateAsync(await cluster.A.NewThreadAsync(), LedgerRuns.Body("c", 10, 500));
        await cluster.A.BeginsAsync(run);
        await cluster.A.BeginsAsync(cancelled);
        var waiting = cluster.B.GetAsync(run + "/join");

        (await cluster[0].StopAsync()).ShouldBe(0);
        await Waiting.Until(
            () => Task.FromResult(cluster[1].Said.Split("its graph is not served here").Length == 3),
            "both runs to wait at the other server");
        (await ForeignAsync(cluster.B)).ShouldBe(2);
        (await cluster.B.PostAsync($"{cancelled}/cancel?wait=1")).ShouldBeOk();
        (await cluster.B.StatusAsync(cancelled)).ShouldBe("interrupted");
        (await ForeignAsync(cluster.B)).ShouldBe(1);
        await cluster.StartAsync(0);

        (await waiting).ShouldBeOk();
        (await cluster.A.GetAsync(run + "/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("g", 10));
        (await cluster.B.StatusAsync(run)).ShouldBe("success");
        (await ForeignAsync(cluster.B)).ShouldBe(0);
    }

    /// <summary>The runs that wait at a server for one that has their graph.</summary>
    private static async Task<int> ForeignAsync(Api api) =>
        (await api.GetAsync("/weft/server")).ShouldBeOk().Json.GetProperty("foreign_runs").GetProperty("value").GetInt32();

    [Fact]
    public async Task Servers_that_stop_at_once_give_their_threads_to_one_that_stays()
    {
        // Without the search nobody would find threads that were given to a server that stops.
        await using var cluster = await ClusterUnderTest.StartAsync(arguments: ["--Weft:Cluster:SearchInterval", "01:00:00"]);
        var waiting = new List<Task<Answer>>();
        for (var i = 0; i < 12; i++)
        {
            var api = cluster[i % 2].Root;
            var thread = await api.NewThreadAsync();
            await api.CreateAsync(thread, LedgerRuns.Body($"a{i}", 6, 500));
            waiting.Add(api.GetAsync(await api.CreateAsync(thread, LedgerRuns.Body($"b{i}")) + "/join"));
        }

        var stopped = await Task.WhenAll(cluster[0].StopAsync(), cluster[1].StopAsync());

        stopped.ShouldBe([0, 0]);
        for (var i = 0; i < waiting.Count; i++)
        {
            (await waiting[i]).ShouldBeOk().Json.Log().ShouldBe([.. LedgerRuns.Entries($"a{i}", 6), .. LedgerRuns.Entries($"b{i}")]);
        }
    }

    [Fact]
    public async Task A_server_that_stops_is_not_lost_and_one_that_starts_reports_none()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(count: 3);

        (await cluster[1].StopAsync()).ShouldBe(0);
        await Waiting.Until(
            () => Task.FromResult(cluster[0].Said.Contains("has stopped", StringComparison.Ordinal)), "the report of the stop");
        await cluster[2].KillAsync();
        await Waiting.Until(
            () => Task.FromResult(cluster[0].Said.Contains("is gone", StringComparison.Ordinal)), "the report of the death");
        await cluster.StartAsync(1);

        cluster[0].Said.Split("is gone").Length.ShouldBe(2);
        (await cluster.B.PostAsync($"/threads/{await cluster.B.NewThreadAsync()}/runs/wait", LedgerRuns.Body("b"))).ShouldBeOk();
        cluster[1].Said.ShouldNotContain("is gone");
    }

    [Fact]
    public async Task A_server_that_stops_without_its_database_reports_no_failure_of_its_own()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(count: 1);
        cluster.ToDatabase(0).Cut();
        await Waiting.Until(
            () => Task.FromResult(cluster[0].Said.Contains("could not be read", StringComparison.Ordinal)), "the worker to fail");

        await cluster[0].StopAsync();

        cluster[0].Said.ShouldNotContain("crit:");
    }

    [Fact]
    public async Task A_server_that_loses_the_database_for_a_moment_goes_on()
    {
        await using var cluster = await ClusterUnderTest.StartAsync();
        await using var load = await Load.StartAsync(cluster, Seed, PatientClient.IsPassing);
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

    [Fact]
    public async Task Nothing_is_lost_when_the_database_refuses_connections_for_a_moment()
    {
        await using var cluster = await ClusterUnderTest.StartAsync();
        await using var load = await Load.StartAsync(cluster, Seed, PatientClient.IsPassing);
        await load.GoOnAsync(20);
        await cluster.RefuseConnectionsAsync(true);
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await cluster.RefuseConnectionsAsync(false);

        await load.GoOnAsync(20);
        await load.StopAsync();

        load.Failures.ShouldBeEmpty();
        await load.ShouldBeKeptAsync();
        Enumerable.Range(0, cluster.Count).ShouldAllBe(index => !cluster[index].HasExited);
    }
}
