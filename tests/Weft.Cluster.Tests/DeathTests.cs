using System.Globalization;

namespace Weft.Cluster.Tests;

/// <summary>Servers die or hang while clients are connected to others.</summary>
public sealed class DeathTests
{
    private static readonly HashSet<int> None = [];

    [Fact]
    public async Task Who_reads_or_waits_at_another_server_stays_connected_when_the_home_is_killed()
    {
        await using var cluster = await ClusterUnderTest.StartAsync();
        var thread = await cluster.B.NewThreadAsync();
        var run = await cluster.A.CreateAsync(thread, LedgerRuns.Body("k", 10, 500, ",\"stream_resumable\":true"));
        using var resumable = await cluster.B.JoinAsync(run + "/stream", ("Last-Event-ID", "-1"));
        var waiting = cluster.C.GetAsync(run + "/join");
        var other = await cluster.B.NewThreadAsync();
        using var own = await cluster.A.StreamAsync($"/threads/{other}/runs/stream", LedgerRuns.Body("o", 10, 500));
        using var plain = await cluster.C.JoinAsync(own.Header("Location")!, ("Last-Event-ID", "-1"));
        var before = new List<SseFrame>();
        while (before.Entries().Length < 3)
        {
            before.Add((await resumable.NextAsync()).ShouldNotBeNull());
        }

        await plain.UntilAsync("custom");
        await cluster[0].KillAsync();

        List<SseFrame> all = [.. before, .. await resumable.ToEndAsync()];
        ShouldBeWhole(all, "k", 10);
        (await waiting).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("k", 10));
        var rest = await plain.ToEndAsync();
        rest[^1].Event.ShouldBe("end");
        rest.Single(frame => frame.Event == "metadata").Json.GetProperty("attempt").GetInt32().ShouldBe(2);
        (await cluster.Next.LogAsync(thread)).ShouldBe(LedgerRuns.Entries("k", 10));
        (await cluster.Next.LogAsync(other)).ShouldBe(LedgerRuns.Entries("o", 10));
        cluster.Ledger.ShouldHaveOneRunAtATime(None);
    }

    [Fact]
    public async Task Nobody_waits_for_three_probes_until_a_server_whose_process_has_ended_is_dead()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(arguments: ["--Weft:Cluster:ProbeInterval", "00:00:20"]);
        var run = await cluster.A.CreateAsync(await cluster.B.NewThreadAsync(), LedgerRuns.Body("p", 4, 500));
        await cluster.A.BeginsAsync(run);
        var home = await HomeAsync(cluster, run);

        await cluster[home].KillAsync();

        var others = Enumerable.Range(0, cluster.Count).Where(index => index != home).Select(index => cluster[index]).ToList();
        (await others[0].Root.GetAsync(run + "/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("p", 4));
        others.ShouldContain(server => server.Said.Contains("has ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_waits_for_the_runs_of_a_thread_gets_those_after_the_death_of_its_home_too()
    {
        await using var cluster = await ClusterUnderTest.StartAsync();
        var thread = await cluster.A.NewThreadAsync();
        using var stream = await cluster.B.JoinAsync($"/threads/{thread}/stream");
        var run = await cluster.A.CreateAsync(thread, LedgerRuns.Body("a", 6, 500));
        await stream.UntilAsync("custom");

        // The run executes where the reader is, unless that server was not the first to hold the thread.
        var home = await HomeAsync(cluster, run);
        if (home != 1)
        {
            await cluster[home].KillAsync();
        }

        (await cluster.C.GetAsync(run + "/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("a", 6));
        (await cluster.C.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("b"))).ShouldBeOk();
        string? last = null;
        while (last != "b:2")
        {
            last = (await stream.UntilAsync("custom")).Json.GetString();
        }
    }

    [Fact]
    public async Task One_server_of_three_is_enough()
    {
        await using var cluster = await ClusterUnderTest.StartAsync();
        var runs = new List<(string Thread, string Run, string Token)>();
        for (var i = 0; i < 12; i++)
        {
            var thread = await cluster.Next.NewThreadAsync();
            runs.Add((thread, await cluster.Next.CreateAsync(thread, LedgerRuns.Body($"r{i}", 8, 300)), $"r{i}"));
        }

        await Task.WhenAll(cluster[0].KillAsync(), cluster[1].KillAsync());

        foreach (var (thread, run, token) in runs)
        {
            (await cluster.C.GetAsync(run + "/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries(token, 8));
            (await cluster.C.StatusAsync(run)).ShouldBe("success");
            (await cluster.C.StatusAsync($"/threads/{thread}")).ShouldBe("idle");
        }

        cluster.Ledger.ShouldHaveOneRunAtATime(None);
    }

    [Fact]
    public async Task All_servers_are_killed_and_the_first_that_starts_goes_on_with_their_runs()
    {
        await using var cluster = await ClusterUnderTest.StartAsync();
        var runs = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            var thread = await cluster.Next.NewThreadAsync();
            runs.Add(await cluster.Next.CreateAsync(thread, LedgerRuns.Body($"r{i}", 6, 300)));
        }

        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => cluster[i].KillAsync()));
        await cluster.StartAsync(1);

        for (var i = 0; i < runs.Count; i++)
        {
            (await cluster.B.GetAsync(runs[i] + "/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries($"r{i}", 6));
        }
    }

    [Fact]
    public async Task The_runs_of_a_frozen_server_go_on_elsewhere_and_its_late_writes_are_refused()
    {
        await using var cluster = await ClusterUnderTest.StartAsync();
        var runs = new List<(string Thread, string Run, string Token)>();
        for (var i = 0; i < 6; i++)
        {
            var thread = await cluster.B.NewThreadAsync();
            runs.Add((thread, await cluster.A.CreateAsync(thread, LedgerRuns.Body($"f{i}", 8, 300)), $"f{i}"));
        }

        await Task.WhenAll(runs.Select(run => cluster.B.BeginsAsync(run.Run)));
        await cluster[0].FreezeAsync();
        await Task.Delay(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await cluster[0].ContinueAsync();

        foreach (var (thread, run, token) in runs)
        {
            (await cluster.C.GetAsync(run + "/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries(token, 8));
            (await cluster.B.StatusAsync(run)).ShouldBe("success");
            (await cluster.C.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("more"))).ShouldBeOk().Json.Log()
                .ShouldBe([.. LedgerRuns.Entries(token, 8), .. LedgerRuns.Entries("more")]);
        }
    }

    [Fact]
    public async Task A_run_that_is_cancelled_after_the_death_of_its_home_does_not_go_on()
    {
        await using var cluster = await ClusterUnderTest.StartAsync();
        var thread = await cluster.B.NewThreadAsync();
        var run = await cluster.A.CreateAsync(thread, LedgerRuns.Body("c", 20, 5_000));
        await cluster.B.BeginsAsync(run);
        await cluster[0].KillAsync();

        (await cluster.B.PostAsync($"{run}/cancel?wait=1")).ShouldBeOk();

        (await cluster.C.StatusAsync(run)).ShouldBe("interrupted");
        (await cluster.C.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("next"))).ShouldBeOk().Json.Log()
            .ShouldBe(LedgerRuns.Entries("next"));
    }

    /// <summary>Fails if the stream of a resumable run has a gap, or repeats what no second attempt has repeated.</summary>
    internal static void ShouldBeWhole(IReadOnlyList<SseFrame> frames, string token, int steps)
    {
        var ids = frames.Where(frame => frame.Id is not null).Select(frame => long.Parse(frame.Id!, CultureInfo.InvariantCulture)).ToList();
        ids.ShouldBe(ids.Distinct().Order());
        var attempts = frames.Count(frame => frame.Event == "metadata");
        var entries = frames.Entries();
        var shown = string.Join('\n', frames.Select(frame => $"{frame.Id} {frame.Event} {frame.Data}"));
        entries.Distinct().ShouldBe(LedgerRuns.Entries(token, steps), shown);
        entries.Length.ShouldBeLessThan(steps + Math.Max(1, attempts), shown);
        frames[^1].Event.ShouldBe("end");
    }

    private static async Task<int> HomeAsync(ClusterUnderTest cluster, string run)
    {
        var id = run.Split('/')[^1];
        var process = 0;
        await Waiting.Until(
            () => Task.FromResult((process = cluster.Ledger.Entries.LastOrDefault(entry => entry.RunId == id)?.ProcessId ?? 0) != 0),
            "the run to execute");
        return Enumerable.Range(0, cluster.Count).Single(index => cluster[index].ProcessId == process);
    }
}
