using System.Net;
using System.Text.Json;

namespace Weft.Cluster.Tests;

/// <summary>Readers of threads at a server that lacks the graph of a run.</summary>
public sealed partial class ForeignGraphTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_thread_with_a_reader_at_a_server_without_its_graph_moves_to_one_that_has_it(int creator)
    {
        await using var cluster = await StartAsync(2);
        var thread = await cluster.A.NewThreadAsync();
        using var stream = await cluster.B.JoinAsync($"/threads/{thread}/stream");
        var home = await HomeAsync(cluster, thread);

        var api = cluster[creator].Root;
        (await api.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("one"))).ShouldBeOk().Json.Log()
            .ShouldBe(LedgerRuns.Entries("one"));
        await api.CreateAsync(thread, LedgerRuns.Body("two"));

        await ShouldReadAsync(stream, [.. LedgerRuns.Entries("one"), .. LedgerRuns.Entries("two")]);
        cluster.Ledger.Of(thread).ShouldAllBe(entry => entry.ProcessId == cluster[0].ProcessId);
        (await HomeAsync(cluster, thread)).ShouldNotBe(home);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_reader_of_the_second_protocol_at_a_server_without_the_graph_misses_no_event(int creator)
    {
        await using var cluster = await StartAsync(2);
        var thread = await cluster.A.NewThreadAsync();
        using var events = await cluster.B.EventsAsync(thread);

        var api = cluster[creator].Root;
        foreach (var token in (string[])["one", "two"])
        {
            await api.StartAsync(thread, "ledger", $$"""{"token":"{{token}}","steps":3,"ms":20}""");
            var seen = await events.RunAsync();

            Custom(seen).ShouldBe(LedgerRuns.Entries(token));
            seen.Select(frame => frame.Id).ShouldBeUnique();
            // Events that are recorded only if somebody reads them when the run is created.
            seen.ShouldContain(frame => frame.Event == "tasks");
        }

        using var replay = await cluster.A.EventsAsync(thread);
        Custom(await replay.RunAsync()).ShouldBe(LedgerRuns.Entries("one"));
        Custom(await replay.RunAsync()).ShouldBe(LedgerRuns.Entries("two"));
    }

    [Fact]
    public async Task A_reader_at_a_third_server_misses_no_event_when_the_home_gives_the_thread_away()
    {
        await using var cluster = await StartAsync(3);
        (await cluster[2].StopAsync()).ShouldBe(0);
        await cluster.StartAsync(2, null, "--without-ledger");
        var thread = await cluster.B.NewThreadAsync();
        // The home has no readers of its own.
        var other = await cluster.B.CreateAsync(thread, """{"assistant_id":"telling","input":{}}""");
        using var events = await cluster.C.EventsAsync(thread, """{"channels":["custom","tasks"]}""");
        await events.UntilAsync("custom");
        (await cluster.B.PostAsync($"{other}/cancel?wait=1&action=rollback")).ShouldBeOk();

        foreach (var token in (string[])["one", "two"])
        {
            await cluster.C.StartAsync(thread, "ledger", $$"""{"token":"{{token}}","steps":3,"ms":20}""");
            var seen = new List<SseFrame>();
            while (Custom(seen).LastOrDefault() != token + ":2")
            {
                seen.Add((await events.NextAsync()).ShouldNotBeNull());
            }

            Custom(seen).ShouldBe(LedgerRuns.Entries(token));
            seen.ShouldContain(frame => frame.Event == "tasks");
        }
    }

    [Fact]
    public async Task A_thread_with_a_reader_stays_if_no_server_has_the_graph_of_a_run()
    {
        await using var cluster = await StartAsync(2);
        (await cluster[0].StopAsync()).ShouldBe(0);
        var thread = await cluster.B.NewThreadAsync();
        using var stream = await cluster.B.JoinAsync($"/threads/{thread}/stream");
        var home = await HomeAsync(cluster, thread);
        (await cluster.B.PostAsync($"/threads/{thread}/runs", LedgerRuns.Body("no"))).ShouldBe(HttpStatusCode.NotFound);
        await cluster.StartAsync(0);

        (await cluster.A.PostAsync($"/threads/{thread}/runs", """{"assistant_id":"none","input":{}}""")).ShouldBe(HttpStatusCode.NotFound);

        (await HomeAsync(cluster, thread)).ShouldBe(home);
        // B hears of the new server within moments.
        var (path, body) = ($"/threads/{thread}/runs/wait", LedgerRuns.Body("yes"));
        await Waiting.Until(
            async () => (await cluster.B.PostAsync(path, body)).Status == (int)HttpStatusCode.OK, "a run at the new server");
        await ShouldReadAsync(stream, LedgerRuns.Entries("yes"));
    }

    [Fact]
    public async Task A_thread_moves_once_however_many_runs_it_gets_at_once()
    {
        await using var cluster = await StartAsync(3);
        var thread = await cluster.A.NewThreadAsync();
        using var atB = await cluster.B.JoinAsync($"/threads/{thread}/stream");
        using var atA = await cluster.A.JoinAsync($"/threads/{thread}/stream");
        using var atC = await cluster.C.JoinAsync($"/threads/{thread}/stream");
        var leaving = await cluster.B.JoinAsync($"/threads/{thread}/stream");

        var creating = Enumerable.Range(0, 9).Select(
            index => cluster[index % 3].Root.CreateAsync(thread, LedgerRuns.Body($"r{index}", steps: 1, ms: 0))).ToList();
        leaving.Dispose();
        var runs = await Task.WhenAll(creating);

        var seen = await ReadAsync(atB, runs.Length);
        seen.ShouldBe(Enumerable.Range(0, runs.Length).Select(index => $"r{index}:0"), ignoreOrder: true);
        await ShouldReadAsync(atA, seen);
        await ShouldReadAsync(atC, seen);
        (await cluster.A.LogAsync(thread)).ShouldBe(seen);
        cluster.Ledger.Of(thread).Select(entry => entry.ProcessId).Distinct().ShouldHaveSingleItem().ShouldNotBe(cluster[1].ProcessId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_new_home_of_a_thread_with_a_reader_is_killed_in_the_middle_of_the_run(bool isSecondProtocol)
    {
        await using var cluster = await StartAsync(3);
        var thread = await cluster.B.NewThreadAsync();
        using var stream = isSecondProtocol ? await cluster.B.EventsAsync(thread) : await cluster.B.JoinAsync($"/threads/{thread}/stream");
        var run = await cluster.B.CreateAsync(thread, LedgerRuns.Body("k", 10, 300, ",\"stream_resumable\":true"));
        var seen = await ReadAsync(stream, 2);

        var home = cluster[0].ProcessId == cluster.Ledger.Of(thread)[0].ProcessId ? 0 : 2;
        await cluster[home].KillAsync();

        (await cluster.B.GetAsync(run + "/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("k", 10));
        while (seen[^1] != "k:9")
        {
            seen.AddRange(await ReadAsync(stream, 1));
        }

        // The node that was executing is executed again.
        seen.Distinct().ShouldBe(LedgerRuns.Entries("k", 10));
        seen.Count.ShouldBeLessThanOrEqualTo(11);
        (await cluster.B.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("next"))).ShouldBeOk();
        await ShouldReadAsync(stream, LedgerRuns.Entries("next"));
    }

    /// <summary>The key of the home of a thread.</summary>
    private static Task<int> HomeAsync(ClusterUnderTest cluster, string thread) => cluster.QueryAsync<int>(
        $"SELECT home FROM weft.thread_standings JOIN weft.threads USING (thread_key) WHERE thread_id = '{thread}'");

    /// <summary>Fails if the next entries of a stream are others.</summary>
    private static async Task ShouldReadAsync(SseStream stream, IReadOnlyCollection<string> entries) =>
        (await ReadAsync(stream, entries.Count)).ShouldBe(entries);

    private static async Task<List<string>> ReadAsync(SseStream stream, int count)
    {
        var entries = new List<string>();
        while (entries.Count < count)
        {
            var json = (await stream.UntilAsync("custom")).Json;
            entries.Add((json.ValueKind == JsonValueKind.String ? json : PayloadOf(json)).GetString()!);
        }

        return entries;
    }

    private static IEnumerable<string> Custom(IEnumerable<SseFrame> frames) =>
        frames.Where(frame => frame.Event == "custom").Select(frame => PayloadOf(frame.Json).GetString()!);

    private static JsonElement PayloadOf(JsonElement frame) => frame.GetProperty("params").GetProperty("data").GetProperty("payload");
}
