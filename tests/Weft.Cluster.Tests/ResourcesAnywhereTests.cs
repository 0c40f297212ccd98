using System.Net;
using System.Text.Json;

namespace Weft.Cluster.Tests;

/// <summary>Any server answers requests about what belongs to no thread.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class ResourcesAnywhereTests(SharedCluster shared)
{
    private readonly ClusterUnderTest _cluster = shared.Cluster;

    private Api A => _cluster.A;

    private Api B => _cluster.B;

    private Api C => _cluster.C;

    private Api Next => _cluster.Next;

    [Fact]
    public async Task All_servers_are_members_of_the_cluster_and_ready()
    {
        // 3 is the number of Orleans for a server that is active.
        (await _cluster.QueryAsync<long>("SELECT count(*) FROM weft.servers WHERE status = 3")).ShouldBe(_cluster.Count);
        foreach (var api in (Api[])[A, B, C])
        {
            (await api.GetAsync("/ok?check_db=1")).ShouldBeOk();
            (await api.GetAsync("/weft/server")).ShouldBeOk();
        }
    }

    [Fact]
    public async Task An_item_is_written_read_and_deleted_at_different_servers()
    {
        var space = Guid.NewGuid().ToString("N");
        for (var i = 0; i < 4; i++)
        {
            (await Next.SendAsync(HttpMethod.Put, "/store/items", $$$"""{"namespace":["{{{space}}}"],"key":"k{{{i}}}","value":{"n":{{{i}}}}}"""))
                .Status.ShouldBeInRange(200, 204);
            (await Next.GetAsync($"/store/items?namespace={space}&key=k{i}")).ShouldBeOk().Json.GetProperty("value")
                .ShouldBeJson($$$"""{"n":{{{i}}}}""");
        }

        (await Next.SendAsync(HttpMethod.Delete, "/store/items", $$"""{"namespace":["{{space}}"],"key":"k0"}"""))
            .Status.ShouldBeInRange(200, 204);
        foreach (var api in (Api[])[A, B, C])
        {
            (await api.PostAsync("/store/items/search", $$"""{"namespace_prefix":["{{space}}"]}""")).ShouldBeOk().Json
                .GetProperty("items").GetArrayLength().ShouldBe(3);
        }
    }

    [Fact]
    public async Task An_assistant_is_created_changed_run_and_deleted_at_different_servers()
    {
        var assistant = (await A.PostAsync("/assistants", """{"graph_id":"ledger","name":"one"}""")).ShouldBeOk().String("assistant_id");
        (await B.PatchAsync($"/assistants/{assistant}", """{"name":"two"}""")).ShouldBeOk().Json.GetProperty("version").GetInt32().ShouldBe(2);
        (await C.GetAsync($"/assistants/{assistant}")).ShouldBeOk().String("name").ShouldBe("two");

        var body = LedgerRuns.Body("a").Replace("\"assistant_id\":\"ledger\"", $"\"assistant_id\":\"{assistant}\"", StringComparison.Ordinal);
        (await C.PostAsync("/runs/wait", body)).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("a"));

        (await C.DeleteAsync($"/assistants/{assistant}")).Status.ShouldBeInRange(200, 204);
        (await A.GetAsync($"/assistants/{assistant}")).ShouldBe(HttpStatusCode.NotFound);
        (await B.PostAsync("/runs/wait", body)).Status.ShouldBeInRange(400, 499);
    }

    [Fact]
    public async Task The_webhook_of_a_run_is_called_once()
    {
        await using var receiver = await HookReceiver.StartAsync();
        var runs = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            var thread = await Next.NewThreadAsync();
            var body = LedgerRuns.Body($"w{i}", 2, 10, $",\"webhook\":\"{receiver.Address}ended\"");
            runs.Add(await Next.CreateAsync(thread, body));
        }

        foreach (var run in runs)
        {
            var id = run.Split('/')[^1];
            await Waiting.Until(
                async () => await Next.GetAsync($"/weft/webhooks/{id}") is { Status: 200 } hook && hook.String("status") == "delivered",
                "the delivery of the webhook");
        }

        receiver.All.Select(call => call.Headers["webhook-id"]).Order().ShouldBe(runs.Select(run => run.Split('/')[^1]).Order());
    }

    [Fact]
    public async Task A_cron_runs_once_at_each_time()
    {
        var place = Guid.NewGuid().ToString();
        var crons = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            var body = $$$"""
                {"assistant_id":"ledger","input":{"token":"c","steps":1,"ms":0},"schedule":"* * * * *","on_run_completed":"keep",
                 "metadata":{"place":"{{{place}}}"}}
                """;
            crons.Add((await Next.PostAsync("/runs/crons", body)).ShouldBeOk().String("cron_id"));
        }

        // The first time is at most a minute away.
        List<JsonElement> runs = [];
        await Waiting.Until(
            async () =>
            {
                runs = await RunsAsync(place);
                return runs.Select(run => run.Text("cron_id")).Distinct().Count() == crons.Count;
            },
            "a run of each cron");
        foreach (var cron in crons)
        {
            (await Next.DeleteAsync($"/runs/crons/{cron}")).Status.ShouldBeInRange(200, 204);
        }

        runs = await RunsAsync(place);
        runs.Select(run => run.Text("cron_id")).Distinct().ShouldBe(crons, ignoreOrder: true);
        runs.Select(run => (run.Text("cron_id"), run.Text("cron_due"))).ShouldBeUnique();
    }

    /// <summary>The metadata of the runs of crons.</summary>
    private async Task<List<JsonElement>> RunsAsync(string place)
    {
        var found = (await Next.PostAsync("/weft/runs/search", $$"""{"metadata":{"place":"{{place}}"},"limit":1000}""")).ShouldBeOk().Json;
        var runs = found.ValueKind == JsonValueKind.Array ? found : found.GetProperty("runs");
        return [.. runs.EnumerateArray().Select(run => run.GetProperty("metadata"))];
    }
}
