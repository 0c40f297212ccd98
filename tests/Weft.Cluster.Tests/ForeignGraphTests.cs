using System.Net;

namespace Weft.Cluster.Tests;

/// <summary>New runs while servers of two versions run, of which one lacks a graph.</summary>
public sealed partial class ForeignGraphTests
{
    private const string Draining = "The server stops. Its";

    [Fact]
    public async Task A_server_without_room_sends_runs_to_one_that_has_their_graph()
    {
        await using var cluster = await StartAsync(4, "--Weft:Runs:ConcurrentRunsMax", "2");
        (await cluster[3].StopAsync()).ShouldBe(0);
        await cluster.StartAsync(3, null, "--without-ledger");
        var full = new List<string>();
        await FillAsync(cluster.A, full);

        // The server asks another one first each time.
        for (var round = 0; round < 4; round++)
        {
            var thread = await cluster.A.NewThreadAsync();
            (await cluster.A.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("r"))).ShouldBeOk().Json.Log()
                .ShouldBe(LedgerRuns.Entries("r"));
            cluster.Ledger.Of(thread).ShouldAllBe(entry => entry.ProcessId == cluster[2].ProcessId);
        }

        await FillAsync(cluster.C, full);
        var waits = await cluster.A.NewThreadAsync();
        var run = await cluster.A.CreateAsync(waits, LedgerRuns.Body("w"));
        (await cluster.A.StatusAsync(run)).ShouldBe("pending");
        (await cluster.A.PostAsync($"{full[0]}/cancel?wait=1")).ShouldBeOk();

        (await cluster.A.GetAsync(run + "/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("w"));
        cluster.Ledger.Of(waits).ShouldAllBe(entry => entry.ProcessId == cluster[0].ProcessId);
    }

    [Fact]
    public async Task A_server_that_stops_sends_runs_to_one_that_has_their_graph()
    {
        await using var cluster = await StartAsync(3);
        var custom = (await cluster.A.PostAsync("/assistants", """{"graph_id":"ledger"}""")).ShouldBeOk().String("assistant_id");
        var (moved, stopped) = await StopAsync(cluster);

        foreach (var assistant in (string[])["ledger", custom, "ledger", custom])
        {
            var thread = await cluster.A.NewThreadAsync();
            var body = LedgerRuns.Body("s").Replace("\"ledger\"", $"\"{assistant}\"", StringComparison.Ordinal);
            (await cluster.A.PostAsync($"/threads/{thread}/runs/wait", body)).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("s"));
            cluster.Ledger.Of(thread).ShouldAllBe(entry => entry.ProcessId == cluster[2].ProcessId);
        }

        (await cluster.A.PostAsync("/runs/wait", """{"assistant_id":"none","input":{}}""")).ShouldBe(HttpStatusCode.NotFound);
        stopped.IsCompleted.ShouldBeFalse();
        (await cluster.C.PostAsync($"{moved}/cancel?wait=1")).ShouldBeOk();
        (await stopped).ShouldBe(0);
    }

    [Fact]
    public async Task A_server_that_stops_accepts_runs_whose_graph_no_other_has()
    {
        await using var cluster = await StartAsync(3);
        (await cluster[2].StopAsync()).ShouldBe(0);
        var (moved, stopped) = await StopAsync(cluster);
        var run = await cluster.A.CreateAsync(await cluster.A.NewThreadAsync(), LedgerRuns.Body("s"));
        var waiting = cluster.A.GetAsync(run + "/join");

        await cluster.StartAsync(2);

        (await waiting).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("s"));
        (await cluster.C.PostAsync($"{moved}/cancel?wait=1")).ShouldBeOk();
        (await stopped).ShouldBe(0);
    }

    [Fact]
    public async Task A_server_without_a_graph_sends_runs_to_one_that_has_it()
    {
        await using var cluster = await StartAsync(2);
        var ofGraph = (await cluster.A.GetAsync("/assistants/ledger")).ShouldBeOk().String("assistant_id");
        var custom = (await cluster.A.PostAsync("/assistants", """{"graph_id":"ledger"}""")).ShouldBeOk().String("assistant_id");
        foreach (var assistant in (string[])["ledger", ofGraph, custom])
        {
            var thread = await cluster.B.NewThreadAsync();
            var body = LedgerRuns.Body("f").Replace("\"ledger\"", $"\"{assistant}\"", StringComparison.Ordinal);
            (await cluster.B.PostAsync($"/threads/{thread}/runs/wait", body)).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("f"));
            var run = await cluster.B.CreateAsync(thread, body);
            (await cluster.A.GetAsync(run + "/join")).ShouldBeOk().Json.Log()
                .ShouldBe([.. LedgerRuns.Entries("f"), .. LedgerRuns.Entries("f")]);
            using var stream = await cluster.B.StreamAsync("/runs/stream", body);
            (await stream.ToEndAsync()).Entries().ShouldBe(LedgerRuns.Entries("f"));
            (await cluster.B.PostAsync("/api/runs/wait", body)).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("f"));
        }

        foreach (var unknown in (string[])["none", Guid.NewGuid().ToString()])
        {
            var answer = await cluster.B.PostAsync("/runs/wait", $$$"""{"assistant_id":"{{{unknown}}}","input":{}}""");
            answer.ShouldBe(HttpStatusCode.NotFound);
            answer.Text.ShouldContain($"No assistant found for \\\"{unknown}\\\"");
        }
    }

    /// <summary>Starts servers, of which B lacks the graph <c>ledger</c>.</summary>
    private static async Task<ClusterUnderTest> StartAsync(int count, params string[] arguments)
    {
        var cluster = await ClusterUnderTest.StartAsync(count: count, arguments: arguments);
        (await cluster[1].StopAsync()).ShouldBe(0);
        await cluster.StartAsync(1, null, "--without-ledger");
        return cluster;
    }

    /// <summary>Lets a server execute as many runs as it may at once.</summary>
    private static async Task FillAsync(Api api, List<string> runs)
    {
        for (var i = 0; i < 2; i++)
        {
            runs.Add(await api.CreateAsync(await api.NewThreadAsync(), LedgerRuns.Body("full", 20, 10_000)));
            await api.BeginsAsync(runs[^1]);
        }
    }

    /// <summary>Stops A, which waits until a run has ended that it had. Returns the run, and the exit code.</summary>
    private static async Task<(string Run, Task<int> Stopped)> StopAsync(ClusterUnderTest cluster)
    {
        var run = await cluster.A.CreateAsync(await cluster.A.NewThreadAsync(), LedgerRuns.Body("long", 100, 1_000));
        await cluster.A.BeginsAsync(run);
        _ = cluster.A.GetAsync(run + "/join");
        var stopped = cluster[0].StopAsync();
        await Waiting.Until(() => Task.FromResult(cluster[0].Said.Contains(Draining, StringComparison.Ordinal)), "the server to stop");
        return (run, stopped);
    }
}
