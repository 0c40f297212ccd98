using System.Text.Json;

namespace Weft.Cluster.Tests;

/// <summary>Crons while servers of two versions run, of which one lacks a graph.</summary>
public sealed class ForeignCronTests
{
    [Fact]
    public async Task A_cron_is_left_to_a_server_that_has_its_graph()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(count: 2);
        var assistant = (await cluster.A.PostAsync("/assistants", """{"graph_id":"ledger"}""")).ShouldBeOk().String("assistant_id");
        (await cluster[1].StopAsync()).ShouldBe(0);
        await cluster.StartAsync(1, null, "--without-ledger");
        string[] foreign = [await CronAsync(cluster.A, "ledger"), await CronAsync(cluster.A, assistant)];
        (await cluster[0].StopAsync()).ShouldBe(0);
        var own = await CronAsync(cluster.B, "steps");

        // The server alone leaves both, and goes on with the crons that it can handle.
        await Waiting.Until(
            () => Task.FromResult(
                foreign.All(cron => cluster[1].Said.Contains($"Cron {cron}, which has been due", StringComparison.Ordinal))),
            "the report of both crons");
        await Waiting.Until(async () => (await CreatedAsync(cluster.B)).Contains(own), "the run of the other cron");
        (await CreatedAsync(cluster.B)).ShouldBe([own]);
        foreach (var cron in foreign)
        {
            var read = (await cluster.B.GetAsync($"/runs/crons/{cron}")).ShouldBeOk().Json;
            read.GetProperty("enabled").GetBoolean().ShouldBeTrue();
            read.GetProperty("next_run_date").GetDateTimeOffset().ShouldBeLessThan(DateTimeOffset.UtcNow);
        }

        await cluster.StartAsync(0);

        await Waiting.Until(
            async () => await CreatedAsync(cluster.B) is var created && foreign.All(created.Contains), "the runs that were due");
    }

    private static async Task<string> CronAsync(Api api, string assistant) => (await api.PostAsync(
        "/runs/crons",
        $$$"""
        {"assistant_id":"{{{assistant}}}","input":{"token":"c","steps":1,"ms":0},"schedule":"* * * * *","on_run_completed":"keep",
         "metadata":{"of":"versions"}}
        """)).ShouldBeOk().String("cron_id");

    /// <summary>The crons that have created runs.</summary>
    private static async Task<HashSet<string>> CreatedAsync(Api api)
    {
        var found = (await api.PostAsync("/weft/runs/search", """{"metadata":{"of":"versions"},"limit":100}""")).ShouldBeOk().Json;
        var runs = found.ValueKind == JsonValueKind.Array ? found : found.GetProperty("runs");
        return [.. runs.EnumerateArray().Select(run => run.GetProperty("metadata").Text("cron_id"))];
    }
}
