using System.Net;

namespace Weft.Cluster.Tests;

/// <summary>A server remembers states and assistants, and never uses what another server has changed since.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class CachedStateTests(SharedCluster shared)
{
    private Api A => shared.Cluster.A;

    private Api B => shared.Cluster.B;

    private Api C => shared.Cluster.C;

    [Fact]
    public async Task A_turn_continues_from_the_turns_of_other_servers()
    {
        var thread = await A.NewThreadAsync();
        string[] log = [];
        foreach (var (api, token) in (IEnumerable<(Api, string)>)[(A, "a"), (A, "b"), (B, "c"), (A, "d"), (A, "e"), (C, "f"), (B, "g"), (A, "h")])
        {
            log = [.. log, .. LedgerRuns.Entries(token)];
            (await api.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body(token))).ShouldBeOk().Json.Log().ShouldBe(log);
        }

        (await C.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("values").Log().ShouldBe(log);
    }

    [Fact]
    public async Task A_turn_sees_what_was_edited_at_another_server()
    {
        var thread = await A.NewThreadAsync();
        await RunAsync(A, thread, "a");

        (await B.PostAsync($"/threads/{thread}/state", """{"values":{"log":["edited"]}}""")).ShouldBeOk();

        (await RunAsync(A, thread, "b")).ShouldBe([.. LedgerRuns.Entries("a"), "edited", .. LedgerRuns.Entries("b")]);
    }

    [Fact]
    public async Task A_thread_that_is_created_again_elsewhere_has_nothing_of_the_first()
    {
        var thread = await A.NewThreadAsync();
        await RunAsync(A, thread, "secret");
        (await B.DeleteAsync($"/threads/{thread}")).Status.ShouldBeInRange(200, 204);
        (await C.PostAsync("/threads", $$"""{"thread_id":"{{thread}}"}""")).ShouldBeOk();
        await RunAsync(C, thread, "new");

        (await RunAsync(A, thread, "next")).ShouldBe([.. LedgerRuns.Entries("new"), .. LedgerRuns.Entries("next")]);
    }

    [Fact]
    public async Task A_run_that_was_removed_at_another_server_has_left_nothing()
    {
        var thread = await A.NewThreadAsync();
        await RunAsync(A, thread, "a");
        await RunAsync(A, thread, "b");
        var newest = (await B.GetAsync($"/threads/{thread}/runs?limit=1")).ShouldBeOk().Json[0].Text("run_id");

        (await C.DeleteAsync($"/threads/{thread}/runs/{newest}")).Status.ShouldBeInRange(200, 204);

        (await RunAsync(A, thread, "c")).ShouldBe([.. LedgerRuns.Entries("a"), .. LedgerRuns.Entries("c")]);
    }

    [Fact]
    public async Task A_run_has_the_assistant_as_another_server_has_changed_it()
    {
        var assistant = (await A.PostAsync("/assistants", """{"graph_id":"ledger"}""")).ShouldBeOk().String("assistant_id");
        var thread = await A.NewThreadAsync();
        for (var i = 1; i <= 3; i++)
        {
            await AssistantRunAsync(A, i);
            await AssistantRunAsync(A, i);
            (await B.PatchAsync($"/assistants/{assistant}", $$$"""{"metadata":{"change":{{{i + 1}}}}}""")).ShouldBeOk();
        }

        await AssistantRunAsync(C, 4);
        (await C.DeleteAsync($"/assistants/{assistant}")).Status.ShouldBeInRange(200, 204);
        (await A.PostAsync($"/threads/{thread}/runs/wait", BodyOf(assistant))).ShouldBe(HttpStatusCode.NotFound);

        async Task AssistantRunAsync(Api api, int change)
        {
            var run = (await api.PostAsync($"/threads/{thread}/runs", BodyOf(assistant))).ShouldBeOk();
            (await api.GetAsync($"{run.RunPath}/join")).ShouldBeOk();
            var metadata = run.Json.GetProperty("metadata");
            (metadata.TryGetProperty("change", out var seen) ? seen.GetInt32() : 1).ShouldBe(change);
        }
    }

    private static string BodyOf(string assistant) =>
        LedgerRuns.Body("a").Replace("\"assistant_id\":\"ledger\"", $"\"assistant_id\":\"{assistant}\"", StringComparison.Ordinal);

    private static async Task<string[]> RunAsync(Api api, string thread, string token) =>
        [.. (await api.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body(token))).ShouldBeOk().Json.Log()];
}
