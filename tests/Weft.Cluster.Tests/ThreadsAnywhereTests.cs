using System.Net;

namespace Weft.Cluster.Tests;

/// <summary>Any server answers requests about threads, wherever their runs execute.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class ThreadsAnywhereTests(SharedCluster shared)
{
    private readonly ClusterUnderTest _cluster = shared.Cluster;

    private Api A => _cluster.A;

    private Api B => _cluster.B;

    private Api C => _cluster.C;

    private Api Next => _cluster.Next;

    [Fact]
    public async Task A_state_is_edited_at_one_server_and_seen_at_the_others()
    {
        var thread = await Next.NewThreadAsync();
        var expected = new List<string>();
        for (var turn = 0; turn < 6; turn++)
        {
            (await Next.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body($"r{turn}", 1, 0))).ShouldBeOk();
            (await Next.PostAsync($"/threads/{thread}/state", $$"""{"values":{"log":["edit{{turn}}"]},"as_node":"work"}""")).ShouldBeOk();
            expected.AddRange([$"r{turn}:0", $"edit{turn}"]);

            (await Next.LogAsync(thread)).ShouldBe(expected);
        }

        var history = (await Next.PostAsync($"/threads/{thread}/history", """{"limit":1000}""")).ShouldBeOk().Json.EnumerateArray().ToList();
        for (var i = 0; i < history.Count - 1; i++)
        {
            history[i].ParentId().ShouldBe(history[i + 1].CheckpointId());
        }
    }

    [Fact]
    public async Task A_thread_that_is_busy_elsewhere_is_not_edited()
    {
        var thread = await Next.NewThreadAsync();
        var run = await A.CreateAsync(thread, LedgerRuns.Body("busy", 20, 10_000));
        await B.BeginsAsync(run);

        (await B.PostAsync($"/threads/{thread}/state", """{"values":{"log":["edit"]},"as_node":"work"}"""))
            .ShouldBe(HttpStatusCode.Conflict);

        (await B.PostAsync($"{run}/cancel?wait=1")).ShouldBeOk();
        (await B.PostAsync($"/threads/{thread}/state", """{"values":{"log":["edit"]},"as_node":"work"}""")).ShouldBeOk();
        (await C.LogAsync(thread)).ShouldBe(["edit"]);
    }

    [Fact]
    public async Task A_copy_that_is_made_at_another_server_is_a_thread_of_its_own()
    {
        var thread = await Next.NewThreadAsync();
        (await A.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("a"))).ShouldBeOk();

        var copy = (await B.PostAsync($"/threads/{thread}/copy")).ShouldBeOk().String("thread_id");
        (await C.PostAsync($"/threads/{copy}/runs/wait", LedgerRuns.Body("b"))).ShouldBeOk();

        (await A.LogAsync(copy)).ShouldBe([.. LedgerRuns.Entries("a"), .. LedgerRuns.Entries("b")]);
        (await A.LogAsync(thread)).ShouldBe(LedgerRuns.Entries("a"));
    }

    [Fact]
    public async Task A_thread_is_deleted_while_its_run_executes_elsewhere()
    {
        var thread = await Next.NewThreadAsync();
        using var stream = await A.StreamAsync($"/threads/{thread}/runs/stream", LedgerRuns.Body("gone", 20, 10_000));
        await stream.UntilAsync("custom");
        var waiting = C.GetAsync(stream.Header("Content-Location") + "/join");

        (await B.DeleteAsync($"/threads/{thread}")).Status.ShouldBeInRange(200, 204);

        await stream.ToEndAsync();
        await waiting;
        foreach (var api in (Api[])[A, B, C])
        {
            (await api.GetAsync($"/threads/{thread}")).ShouldBe(HttpStatusCode.NotFound);
        }

        (await A.PostAsync("/threads", $$"""{"thread_id":"{{thread}}"}""")).ShouldBeOk();
        (await B.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("again"))).ShouldBeOk().Json.Log()
            .ShouldBe(LedgerRuns.Entries("again"));
    }

    [Fact]
    public async Task A_thread_is_pruned_and_changed_at_other_servers()
    {
        var thread = await Next.NewThreadAsync();
        (await A.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("p"))).ShouldBeOk();

        (await B.PostAsync("/threads/prune", $$"""{"thread_ids":["{{thread}}"],"strategy":"keep_latest"}""")).ShouldBeOk();
        (await C.PatchAsync($"/threads/{thread}", """{"metadata":{"place":"c"}}""")).ShouldBeOk();

        (await A.GetAsync($"/threads/{thread}")).ShouldBeOk().Json.GetProperty("metadata").Text("place").ShouldBe("c");
        (await A.PostAsync($"/threads/{thread}/history", """{"limit":10}""")).Json.GetArrayLength().ShouldBe(1);
        (await A.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("q"))).ShouldBeOk().Json.Log()
            .ShouldBe([.. LedgerRuns.Entries("p"), .. LedgerRuns.Entries("q")]);
    }

    [Fact]
    public async Task The_stream_of_a_thread_has_the_runs_of_all_servers()
    {
        var thread = await Next.NewThreadAsync();
        using var atA = await A.JoinAsync($"/threads/{thread}/stream");
        using var atC = await C.JoinAsync($"/threads/{thread}/stream");

        (await B.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("one"))).ShouldBeOk();
        (await C.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("two"))).ShouldBeOk();
        (await A.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("three"))).ShouldBeOk();

        string[] expected = [.. LedgerRuns.Entries("one"), .. LedgerRuns.Entries("two"), .. LedgerRuns.Entries("three")];
        (await ReadAsync(atA, expected.Length)).ShouldBe(expected);
        (await ReadAsync(atC, expected.Length)).ShouldBe(expected);
    }

    [Fact]
    public async Task The_stream_of_a_thread_has_short_runs_that_waited_in_the_queue()
    {
        var thread = await Next.NewThreadAsync();
        using var atA = await A.JoinAsync($"/threads/{thread}/stream");
        using var atB = await B.JoinAsync($"/threads/{thread}/stream");
        using var atC = await C.JoinAsync($"/threads/{thread}/stream");
        var expected = new List<string>(LedgerRuns.Entries("first"));
        await A.PostAsync($"/threads/{thread}/runs", LedgerRuns.Body("first", ms: 100));
        for (var i = 0; i < 4; i++)
        {
            await A.PostAsync($"/threads/{thread}/runs", LedgerRuns.Body($"short{i}", steps: 1, ms: 0));
            expected.AddRange(LedgerRuns.Entries($"short{i}", 1));
        }

        (await ReadAsync(atA, expected.Count)).ShouldBe(expected);
        (await ReadAsync(atB, expected.Count)).ShouldBe(expected);
        (await ReadAsync(atC, expected.Count)).ShouldBe(expected);
    }

    [Fact]
    public async Task Readers_that_come_in_the_middle_of_a_run_of_the_first_protocol_get_the_same_events_at_any_server()
    {
        var thread = await Next.NewThreadAsync();
        using var own = await A.StreamAsync($"/threads/{thread}/runs/stream", LedgerRuns.Body("m", 8, 100));
        await own.UntilAsync("custom");
        await own.UntilAsync("custom");

        using var atA = await A.EventsAsync(thread);
        using var atB = await B.EventsAsync(thread);
        using var atC = await C.EventsAsync(thread);
        var all = await Task.WhenAll(atA.RunAsync(), atB.RunAsync(), atC.RunAsync());

        Custom(all[0]).ShouldBe(LedgerRuns.Entries("m", 8));
        all[1].Select(frame => frame.Id).ShouldBe(all[0].Select(frame => frame.Id));
        all[2].Select(frame => frame.Id).ShouldBe(all[0].Select(frame => frame.Id));
        (await B.ReplayAsync(thread)).Select(frame => frame.Id).ShouldBe(all[0].Select(frame => frame.Id));
    }

    [Fact]
    public async Task The_events_of_the_second_protocol_come_from_any_server()
    {
        var thread = await Next.NewThreadAsync();
        using var atA = await A.EventsAsync(thread);

        await B.StartAsync(thread, "ledger", """{"token":"v","steps":3,"ms":50}""");
        var first = await atA.RunAsync();
        await C.StartAsync(thread, "ledger", """{"token":"w","steps":3,"ms":50}""");
        var second = await atA.RunAsync();

        Custom(first).ShouldBe(LedgerRuns.Entries("v"));
        Custom(second).ShouldBe(LedgerRuns.Entries("w"));
        List<SseFrame> all = [.. first, .. second];
        all.Select(frame => frame.Seq()).ShouldBe(all.Select(frame => frame.Seq()).Order());
        all.Select(frame => frame.Id).ShouldBeUnique();
    }

    [Fact]
    public async Task A_question_of_the_second_protocol_is_answered_at_another_server()
    {
        var thread = await Next.NewThreadAsync();
        using var atA = await A.EventsAsync(thread);
        await B.StartAsync(thread, "ledger", """{"token":"v","steps":1,"ms":0,"asks":true}""");
        var asked = (await atA.RunAsync()).Single(frame => frame.Event == "input.requested");

        var id = asked.Data().Text("interrupt_id");
        await C.SucceedAsync(thread, "input.respond", $$"""{"namespace":[],"interrupt_id":"{{id}}","response":true}""");

        Custom(await atA.RunAsync()).ShouldBe(LedgerRuns.Entries("v", 1));
    }

    [Fact]
    public async Task Threads_are_found_at_all_servers()
    {
        var place = Guid.NewGuid().ToString();
        for (var i = 0; i < 6; i++)
        {
            (await Next.PostAsync("/threads", $$$"""{"metadata":{"place":"{{{place}}}"}}""")).ShouldBeOk();
        }

        foreach (var api in (Api[])[A, B, C])
        {
            (await api.PostAsync("/threads/search", $$$"""{"metadata":{"place":"{{{place}}}"}}""")).ShouldBeOk().Json.GetArrayLength().ShouldBe(6);
            (await api.PostAsync("/threads/count", $$$"""{"metadata":{"place":"{{{place}}}"}}""")).ShouldBeOk().Text.ShouldBe("6");
        }
    }

    private static async Task<List<string>> ReadAsync(SseStream stream, int count)
    {
        var entries = new List<string>();
        while (entries.Count < count)
        {
            entries.Add((await stream.UntilAsync("custom")).Json.GetString()!);
        }

        return entries;
    }

    private static IEnumerable<string> Custom(IEnumerable<SseFrame> frames) =>
        frames.Where(frame => frame.Event == "custom").Select(frame => frame.Data().GetProperty("payload").GetString()!);
}
