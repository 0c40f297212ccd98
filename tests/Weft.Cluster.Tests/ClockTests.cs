using System.Net;
using System.Text.Json;

namespace Weft.Cluster.Tests;

/// <summary>The clock of one server is an hour ahead. The clock of the database counts.</summary>
public sealed class ClockTests
{
    private static readonly string[] SweepOften = ["--Weft:Runs:SweepInterval", "00:00:01"];

    [Fact]
    public async Task Crons_items_and_threads_follow_the_clock_of_the_database()
    {
        await using var cluster = await StartAsync();
        // One cron is due within a minute, the other one half an hour later.
        var now = await NowAsync(cluster);
        (await cluster.B.GetAsync("/weft/server")).ShouldBeOk().Json.GetProperty("started_at").GetDateTimeOffset()
            .ShouldBeInRange(now.AddMinutes(-5), now);
        var ofGraphs = (await cluster.B.PostAsync("/assistants/search", "{}")).ShouldBeOk().Json.EnumerateArray().ToList();
        ofGraphs.ShouldNotBeEmpty();
        ofGraphs.ShouldAllBe(assistant => assistant.GetProperty("created_at").GetDateTimeOffset() <= now);
        var early = await CronAsync(cluster.B, "* * * * *");
        var late = await CronAsync(cluster.A, $"{now.AddMinutes(30).Minute} * * * *");
        (await NextRunAsync(cluster.B, early)).ShouldBeInRange(now.AddMinutes(-1), now.AddMinutes(2));
        (await NextRunAsync(cluster.B, late)).ShouldBeInRange(now.AddMinutes(20), now.AddMinutes(40));
        await PutAsync(cluster.A, "of-a", "30");
        await PutAsync(cluster.B, "of-b", "30");
        await PutAsync(cluster.A, "short", "0.001");
        var ofA = await ThreadAsync(cluster.A, "30");
        var ofB = await ThreadAsync(cluster.B, "30");
        foreach (var api in (Api[])[cluster.A, cluster.B])
        {
            (await api.GetAsync("/store/items?namespace=clock&key=of-a")).ShouldBeOk().Json.ValueKind.ShouldBe(JsonValueKind.Object);
            (await api.GetAsync("/store/items?namespace=clock&key=of-b")).ShouldBeOk().Json.ValueKind.ShouldBe(JsonValueKind.Object);
        }

        // From here on only the one whose clock is wrong sweeps, and looks for crons.
        await cluster[0].StopAsync();
        var brief = await ThreadAsync(cluster.B, "0.001");
        await Waiting.Until(async () => (await cluster.B.GetAsync($"/threads/{brief}")).Status == (int)HttpStatusCode.NotFound, "a sweep");
        await Waiting.Until(
            async () => await cluster.QueryAsync<long>("SELECT count(*) FROM weft.items") == 2, "the sweep of the item that has expired");
        (await cluster.B.GetAsync($"/threads/{ofA}")).ShouldBeOk();
        (await cluster.B.GetAsync($"/threads/{ofB}")).ShouldBeOk();
        const string Late = "SELECT count(*) FROM weft.threads WHERE expires_at > (extract(epoch FROM now()) + 1900) * 1000000";
        (await cluster.QueryAsync<long>(Late)).ShouldBe(0);

        var runs = new List<JsonElement>();
        await Waiting.Until(async () => (runs = await RunsAsync(cluster.B)).Count > 0, "the run of a cron");
        runs.Select(run => run.Text("cron_id")).Distinct().ShouldBe([early]);
        runs[0].GetProperty("cron_due").GetDateTimeOffset().ShouldBeLessThanOrEqualTo(await NowAsync(cluster));
        (await NextRunAsync(cluster.B, late)).ShouldBeGreaterThan(now.AddMinutes(20));
        cluster[1].Said.ShouldContain("s ahead of the database's");
        cluster[1].HasExited.ShouldBeFalse();
    }

    private static async Task<ClusterUnderTest> StartAsync()
    {
        var cluster = await ClusterUnderTest.StartAsync(count: 2, arguments: SweepOften);
        (await cluster[1].StopAsync()).ShouldBe(0);
        await cluster.StartAsync(1, null, "--clock-ahead", "3600");
        return cluster;
    }

    private static async Task PutAsync(Api api, string key, string minutes)
    {
        var body = $$$"""{"namespace":["clock"],"key":"{{{key}}}","value":{"n":1},"ttl":{{{minutes}}}}""";
        (await api.SendAsync(HttpMethod.Put, "/store/items", body)).Status.ShouldBeInRange(200, 204);
    }

    private static async Task<string> ThreadAsync(Api api, string minutes) =>
        (await api.PostAsync("/threads", $$"""{"ttl":{{minutes}}}""")).ShouldBeOk().String("thread_id");

    private static async Task<string> CronAsync(Api api, string schedule) => (await api.PostAsync(
        "/runs/crons",
        $$$"""
        {"assistant_id":"ledger","input":{"token":"c","steps":1,"ms":0},"schedule":"{{{schedule}}}","on_run_completed":"keep",
         "metadata":{"of":"clock"}}
        """)).ShouldBeOk().String("cron_id");

    private static async Task<DateTimeOffset> NextRunAsync(Api api, string cron) =>
        (await api.GetAsync($"/runs/crons/{cron}")).ShouldBeOk().Json.GetProperty("next_run_date").GetDateTimeOffset();

    /// <summary>The metadata of the runs of crons.</summary>
    private static async Task<List<JsonElement>> RunsAsync(Api api)
    {
        var found = (await api.PostAsync("/weft/runs/search", """{"metadata":{"of":"clock"},"limit":100}""")).ShouldBeOk().Json;
        var runs = found.ValueKind == JsonValueKind.Array ? found : found.GetProperty("runs");
        return [.. runs.EnumerateArray().Select(run => run.GetProperty("metadata"))];
    }

    private static async Task<DateTimeOffset> NowAsync(ClusterUnderTest cluster) => DateTimeOffset.FromUnixTimeMilliseconds(
        await cluster.QueryAsync<long>("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"));
}
