using System.Net;

namespace Weft.Cluster.Tests;

/// <summary>Any server answers requests about runs, wherever they execute.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class RunsAnywhereTests(SharedCluster shared)
{
    private readonly ClusterUnderTest _cluster = shared.Cluster;

    private Api A => _cluster.A;

    private Api B => _cluster.B;

    private Api C => _cluster.C;

    private Api Next => _cluster.Next;

    [Fact]
    public async Task The_runs_of_a_conversation_can_begin_at_a_different_server_each()
    {
        var thread = await Next.NewThreadAsync();
        var expected = new List<string>();
        for (var turn = 0; turn < 7; turn++)
        {
            expected.AddRange(LedgerRuns.Entries($"t{turn}"));
            var values = (await Next.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body($"t{turn}"))).ShouldBeOk().Json;

            values.Log().ShouldBe(expected);
            (await Next.LogAsync(thread)).ShouldBe(expected);
        }

        (await Next.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(7);
        (await Next.StatusAsync($"/threads/{thread}")).ShouldBe("idle");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Readers_at_other_servers_get_the_events_of_a_run_while_it_executes(bool isResumable)
    {
        var thread = await Next.NewThreadAsync();
        var more = $",\"stream_resumable\":{(isResumable ? "true" : "false")}";
        using var own = await A.StreamAsync($"/threads/{thread}/runs/stream", LedgerRuns.Body("r", 12, 150, more));
        var run = own.Header("Location")!;
        var first = await own.UntilAsync("custom");

        using var atB = await B.JoinAsync(run, ("Last-Event-ID", "-1"));
        using var alsoAtB = await B.JoinAsync(run, ("Last-Event-ID", "-1"));
        using var atC = await C.JoinAsync(run, ("Last-Event-ID", first.Id!));
        var all = (await Task.WhenAll(own.ToEndAsync(), atB.ToEndAsync(), alsoAtB.ToEndAsync(), atC.ToEndAsync())).ToList();

        all[1].Entries().ShouldBe(LedgerRuns.Entries("r", 12));
        all[1][^1].Event.ShouldBe("end");
        all[2].ShouldBe(all[1]);
        all[0].ShouldBe(all[1].SkipWhile(frame => frame != first).Skip(1));
        all[3].ShouldBe(all[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_stream_of_an_ended_run_is_read_at_another_server(bool isResumable)
    {
        var thread = await Next.NewThreadAsync();
        var more = $",\"stream_resumable\":{(isResumable ? "true" : "false")}";
        using var own = await A.StreamAsync($"/threads/{thread}/runs/stream", LedgerRuns.Body("e", 4, 0, more));
        var events = await own.ToEndAsync();

        using var replay = await B.JoinAsync(own.Header("Location")!, ("Last-Event-ID", "-1"));
        (await replay.ToEndAsync()).ShouldBe(events);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_shows_a_state_gets_what_follows_it_from_another_server(bool isRunning)
    {
        var thread = await Next.NewThreadAsync();
        const string modes = ""","stream_resumable":true,"stream_mode":["custom","checkpoints"]""";
        var body = LedgerRuns.Body("s", 8, isRunning ? 150 : 0).Replace(""","stream_mode":["custom"]""", modes, StringComparison.Ordinal);
        using var own = await A.StreamAsync($"/threads/{thread}/runs/stream", body);
        var shown = new List<SseFrame> { await own.UntilAsync("checkpoints"), await own.UntilAsync("checkpoints") };
        var rest = isRunning ? null : await own.ToEndAsync();

        var after = $"?checkpoint_id={shown[1].Json.GetProperty("checkpoint").Text("checkpoint_id")}";
        using var atB = await B.JoinAsync(own.Header("Location")! + after);
        using var atC = await C.JoinAsync(own.Header("Location")! + after, ("Last-Event-ID", "-1"));
        var all = await Task.WhenAll(atB.ToEndAsync(), atC.ToEndAsync());

        all[0].ShouldBe(rest ?? await own.ToEndAsync());
        all[1].ShouldBe(all[0]);
    }

    [Fact]
    public async Task A_run_is_joined_and_its_result_awaited_at_other_servers()
    {
        var thread = await Next.NewThreadAsync();
        var run = await A.CreateAsync(thread, LedgerRuns.Body("j", 6, 100));

        var answers = await Task.WhenAll(
            A.GetAsync(run + "/join"), B.GetAsync(run + "/join"), B.GetAsync(run + "/join"), C.GetAsync(run + "/join"));

        answers.ShouldAllBe(answer => answer.Status == 200 && answer.Json.Log().SequenceEqual(LedgerRuns.Entries("j", 6)));
        (await Next.GetAsync(run + "/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("j", 6));
    }

    [Theory]
    [InlineData("interrupt")]
    [InlineData("rollback")]
    public async Task A_run_is_cancelled_at_another_server(string action)
    {
        var thread = await Next.NewThreadAsync();
        (await A.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("before"))).ShouldBeOk();
        var run = await A.CreateAsync(thread, LedgerRuns.Body("c", 20, 10_000));
        await B.BeginsAsync(run);

        (await B.PostAsync($"{run}/cancel?wait=1&action={action}")).ShouldBeOk();

        if (action == "rollback")
        {
            (await C.GetAsync(run)).ShouldBe(HttpStatusCode.NotFound);
        }
        else
        {
            (await C.StatusAsync(run)).ShouldBe("interrupted");
        }

        (await A.LogAsync(thread)).ShouldBe(LedgerRuns.Entries("before"));
        var values = (await B.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("after"))).ShouldBeOk().Json;
        values.Log().ShouldBe([.. LedgerRuns.Entries("before"), .. LedgerRuns.Entries("after")]);
    }

    [Fact]
    public async Task Runs_that_are_enqueued_at_any_server_execute_in_the_order_of_their_creation()
    {
        var thread = await Next.NewThreadAsync();
        var runs = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            runs.Add(await Next.CreateAsync(thread, LedgerRuns.Body($"q{i}", 3, 30)));
        }

        foreach (var run in runs)
        {
            (await Next.GetAsync(run + "/join")).ShouldBeOk();
            (await Next.StatusAsync(run)).ShouldBe("success");
        }

        (await Next.LogAsync(thread)).ShouldBe(Enumerable.Range(0, 9).SelectMany(i => LedgerRuns.Entries($"q{i}")));
        _cluster.Ledger.ShouldHaveOneRunAtATime(new HashSet<int>());
    }

    [Fact]
    public async Task The_queue_of_a_thread_is_the_same_at_all_servers()
    {
        var thread = await Next.NewThreadAsync();
        var running = await A.CreateAsync(thread, LedgerRuns.Body("w", 20, 10_000));
        await A.BeginsAsync(running);
        var waiting = await B.CreateAsync(thread, LedgerRuns.Body("w2"));

        foreach (var api in (Api[])[A, B, C])
        {
            (await api.StatusAsync(waiting)).ShouldBe("pending");
            (await api.StatusAsync(running)).ShouldBe("running");
            (await api.StatusAsync($"/threads/{thread}")).ShouldBe("busy");
            (await api.GetAsync($"/threads/{thread}/queue")).ShouldBeOk().Json.EnumerateArray().Select(run => run.Text("run_id"))
                .ShouldBe([waiting.Split('/')[^1]]);
        }

        (await C.PostAsync($"{waiting}/cancel?wait=1")).ShouldBeOk();
        (await B.StatusAsync(waiting)).ShouldBe("interrupted");
        (await C.PostAsync($"{running}/cancel?wait=1")).ShouldBeOk();
    }

    [Fact]
    public async Task A_run_that_waits_is_read_at_another_server_from_its_beginning()
    {
        var thread = await Next.NewThreadAsync();
        var running = await A.CreateAsync(thread, LedgerRuns.Body("first", 3, 200));
        var waiting = await B.CreateAsync(thread, LedgerRuns.Body("second"));

        using var stream = await C.JoinAsync(waiting + "/stream", ("Last-Event-ID", "-1"));
        (await stream.ToEndAsync()).Entries().ShouldBe(LedgerRuns.Entries("second"));
        (await Next.StatusAsync(running)).ShouldBe("success");
    }

    [Theory]
    [InlineData("interrupt")]
    [InlineData("rollback")]
    [InlineData("reject")]
    public async Task A_strategy_applies_to_the_run_of_another_server(string strategy)
    {
        var thread = await Next.NewThreadAsync();
        var first = await A.CreateAsync(thread, LedgerRuns.Body("old", 20, 10_000));
        await B.BeginsAsync(first);

        var second = await B.PostAsync(
            $"/threads/{thread}/runs", LedgerRuns.Body("new", more: $",\"multitask_strategy\":\"{strategy}\""));

        if (strategy == "reject")
        {
            second.ShouldBe(HttpStatusCode.Conflict);
            (await C.PostAsync($"{first}/cancel?wait=1")).ShouldBeOk();
            return;
        }

        (await C.GetAsync(second.ShouldBeOk().RunPath + "/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("new"));
        if (strategy == "rollback")
        {
            (await C.GetAsync(first)).ShouldBe(HttpStatusCode.NotFound);
        }
        else
        {
            (await C.StatusAsync(first)).ShouldBe("interrupted");
        }
    }

    [Fact]
    public async Task Runs_that_are_created_at_once_at_all_servers_are_all_executed()
    {
        var thread = await Next.NewThreadAsync();

        var runs = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Next.CreateAsync(thread, LedgerRuns.Body($"x{i}", 2, 5))));

        await Task.WhenAll(runs.Select(async run => (await Next.GetAsync(run + "/join")).ShouldBeOk()));
        var log = await Next.LogAsync(thread);
        log.Order().ShouldBe(Enumerable.Range(0, 12).SelectMany(i => LedgerRuns.Entries($"x{i}", 2)).Order());
        log.Chunk(2).ShouldAllBe(pair => pair[1] == pair[0].Replace(":0", ":1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repeated_request_gets_the_run_of_the_first_one_at_any_server()
    {
        var thread = await Next.NewThreadAsync();
        var key = Guid.NewGuid().ToString();
        var body = LedgerRuns.Body("k", 3, 100);

        var answers = await Task.WhenAll(
            ((Api[])[A, B, C, A, B, C]).Select(api => api.PostAsync($"/threads/{thread}/runs", body, ("Idempotency-Key", key))));
        var later = await B.PostAsync($"/threads/{thread}/runs/wait", body, ("Idempotency-Key", key));

        answers.Select(answer => answer.ShouldBeOk().RunId).Append(later.ShouldBeOk().RunId).Distinct().ShouldHaveSingleItem();
        later.Json.Log().ShouldBe(LedgerRuns.Entries("k"));
    }

    [Fact]
    public async Task A_repeated_request_without_a_thread_gets_the_run_of_the_first_one_at_any_server()
    {
        var key = Guid.NewGuid().ToString();
        var body = LedgerRuns.Body("s", 20, 200);

        var answers = await Task.WhenAll(
            ((Api[])[A, B, C]).Select(api => api.PostAsync("/runs", body, ("Idempotency-Key", key))));

        answers.Select(answer => answer.ShouldBeOk().String("run_id")).Distinct().ShouldHaveSingleItem();
        (await Next.PostAsync($"/threads/{answers[0].String("thread_id")}/runs/{answers[0].String("run_id")}/cancel?wait=1")).ShouldBeOk();
    }

    [Fact]
    public async Task A_delayed_run_begins_when_it_is_due_and_others_pass_it()
    {
        var thread = await Next.NewThreadAsync();
        var delayed = await A.CreateAsync(thread, LedgerRuns.Body("late", more: ",\"after_seconds\":3"));
        (await B.StatusAsync(delayed)).ShouldBe("pending");

        (await B.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("soon"))).ShouldBeOk();

        (await C.GetAsync(delayed + "/join")).ShouldBeOk().Json.Log()
            .ShouldBe([.. LedgerRuns.Entries("soon"), .. LedgerRuns.Entries("late")]);
    }

    [Fact]
    public async Task A_question_is_answered_at_another_server()
    {
        var thread = await Next.NewThreadAsync();
        var body = """{"assistant_id":"ledger","input":{"token":"q","steps":2,"ms":0,"asks":true}}""";
        (await A.PostAsync($"/threads/{thread}/runs/wait", body)).ShouldBeOk().Json.Names().ShouldContain("__interrupt__");
        (await B.StatusAsync($"/threads/{thread}")).ShouldBe("interrupted");

        var values = (await C.PostAsync(
            $"/threads/{thread}/runs/wait", """{"assistant_id":"ledger","command":{"resume":true}}""")).ShouldBeOk().Json;

        values.Log().ShouldBe(LedgerRuns.Entries("q", 2));
        (await A.StatusAsync($"/threads/{thread}")).ShouldBe("idle");
    }

    [Fact]
    public async Task Of_answers_at_different_servers_one_counts()
    {
        for (var round = 0; round < 5; round++)
        {
            var thread = await Next.NewThreadAsync();
            var body = """{"assistant_id":"ledger","input":{"token":"q","steps":2,"ms":0,"asks":true}}""";
            (await Next.PostAsync($"/threads/{thread}/runs/wait", body)).ShouldBeOk();
            var asked = (await Next.GetAsync($"/threads/{thread}/state")).Json.GetProperty("interrupts")[0].Text("id");
            var answer = $$"""{"interrupt_id":"{{asked}}","response":true}""";

            var answers = await Task.WhenAll(
                ((Api[])[A, B, C, A, B, C]).Select(api => api.CommandAsync(thread, "input.respond", answer)));

            answers.Count(one => one.Text("type") == "success").ShouldBe(1);
            answers.Where(one => one.Text("type") == "error").ShouldAllBe(one => one.GetProperty("error").GetString() == "invalid_argument");
            await Waiting.Until(async () => await Next.StatusAsync($"/threads/{thread}") == "idle", "the end of the answered run");
            (await Next.LogAsync(thread)).ShouldBe(LedgerRuns.Entries("q", 2));
            (await Next.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(2);
        }
    }

    [Fact]
    public async Task Of_inputs_at_different_servers_one_is_the_answer_and_the_others_are_kept()
    {
        for (var round = 0; round < 5; round++)
        {
            var thread = await Next.NewThreadAsync();
            var body = """{"assistant_id":"ledger","input":{"token":"q","steps":2,"ms":0,"asks":true}}""";
            (await Next.PostAsync($"/threads/{thread}/runs/wait", body)).ShouldBeOk();

            await Task.WhenAll(((Api[])[A, B, C]).Select((api, i) => api.StartAsync(
                thread, "ledger", $$"""{"token":"i{{i}}","steps":1,"ms":0,"asks":false}""")));

            await Waiting.Until(async () => await Next.StatusAsync($"/threads/{thread}") == "idle", "the end of all runs");
            (await Next.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(4);
            var log = await Next.LogAsync(thread);
            log.Take(2).ShouldBe(LedgerRuns.Entries("q", 2));
            log.Length.ShouldBe(4);
        }
    }

    [Fact]
    public async Task Runs_without_a_thread_execute_at_any_server()
    {
        for (var i = 0; i < 6; i++)
        {
            (await Next.PostAsync("/runs/wait", LedgerRuns.Body("w"))).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("w"));
            using var stream = await Next.StreamAsync("/runs/stream", LedgerRuns.Body("s"));
            (await stream.ToEndAsync()).Entries().ShouldBe(LedgerRuns.Entries("s"));
        }
    }

    [Fact]
    public async Task A_run_without_a_thread_that_has_ended_is_joined_at_any_server()
    {
        var body = LedgerRuns.Body("o").Replace("""["custom"]""", """["custom","values"]""", StringComparison.Ordinal);
        var run = (await A.PostAsync("/runs", body)).ShouldBeOk();
        var (threadId, runId) = (run.String("thread_id"), run.String("run_id"));
        var path = $"/threads/{threadId}/runs/{runId}";
        using var own = await A.JoinAsync($"/runs/{runId}/stream", ("Last-Event-ID", "-1"));
        var frames = await own.ToEndAsync();
        await Waiting.Until(async () => (await A.GetAsync($"/threads/{threadId}")).Status == 404, "the thread to be deleted");

        foreach (var api in (Api[])[B, C, B])
        {
            using var replay = await api.JoinAsync($"/runs/{runId}/stream", ("Last-Event-ID", "-1"));
            (await replay.ToEndAsync()).ShouldBe(frames);
            (await api.GetAsync($"{path}/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries("o"));
        }

        (await B.GetAsync(path)).ShouldBe(HttpStatusCode.NotFound);
        (await B.GetAsync($"/threads/{Guid.NewGuid()}/runs/{runId}/join")).ShouldBe(HttpStatusCode.NotFound);
        (await B.GetAsync($"/threads/{threadId}/runs/{Guid.NewGuid()}/join")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_runs_of_a_batch_are_joined_at_other_servers()
    {
        var bodies = string.Join(',', Enumerable.Range(0, 6).Select(i => LedgerRuns.Body($"b{i}", 3, 100, ",\"on_completion\":\"keep\"")));
        var runs = (await A.PostAsync("/runs/batch", $"[{bodies}]")).ShouldBeOk().Json.EnumerateArray().ToList();

        for (var i = 0; i < runs.Count; i++)
        {
            var run = $"/threads/{runs[i].Text("thread_id")}/runs/{runs[i].Text("run_id")}";
            (await Next.GetAsync(run + "/join")).ShouldBeOk().Json.Log().ShouldBe(LedgerRuns.Entries($"b{i}"));
        }
    }

    [Fact]
    public async Task All_runs_of_a_thread_are_cancelled_with_one_request_to_another_server()
    {
        var thread = await Next.NewThreadAsync();
        var running = await A.CreateAsync(thread, LedgerRuns.Body("m1", 20, 10_000));
        await A.BeginsAsync(running);
        var waiting = await A.CreateAsync(thread, LedgerRuns.Body("m2"));
        string[] ids = [running.Split('/')[^1], waiting.Split('/')[^1]];

        (await C.PostAsync("/runs/cancel", $$"""{"thread_id":"{{thread}}","run_ids":["{{ids[0]}}","{{ids[1]}}"]}"""))
            .Status.ShouldBeInRange(200, 204);

        (await B.GetAsync(running + "/join")).ShouldBeOk();
        (await B.GetAsync(waiting + "/join")).ShouldBeOk();
        (await B.StatusAsync(running)).ShouldBe("interrupted");
        (await B.StatusAsync(waiting)).ShouldBe("interrupted");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public async Task A_run_that_is_awaited_at_another_server_executes_where_its_thread_is_followed(int ms)
    {
        var thread = await Next.NewThreadAsync();
        using var atA = await A.JoinAsync($"/threads/{thread}/stream");
        var log = new List<string>();
        foreach (var token in (string[])["f1", "f2", "f3"])
        {
            log.AddRange(LedgerRuns.Entries(token));
            (await B.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body(token, ms: ms))).ShouldBeOk().Json.Log().ShouldBe(log);
        }

        _cluster.Ledger.Of(thread).ShouldAllBe(entry => entry.ProcessId == _cluster[0].ProcessId);
        (await C.StatusAsync($"/threads/{thread}")).ShouldBe("idle");
    }

    [Fact]
    public async Task A_run_that_asks_is_awaited_and_resumed_at_another_server()
    {
        var thread = await Next.NewThreadAsync();
        using var atA = await A.JoinAsync($"/threads/{thread}/stream");
        const string Asks = """{"assistant_id":"ledger","input":{"token":"q","steps":2,"ms":0,"asks":true}}""";

        var paused = (await B.PostAsync($"/threads/{thread}/runs/wait", Asks)).ShouldBeOk().Json;
        paused.GetProperty("__interrupt__")[0].Text("value").ShouldBe("Go on?");
        paused.Text("token").ShouldBe("q");

        const string Answer = """{"assistant_id":"ledger","command":{"resume":"yes"}}""";
        var ended = (await B.PostAsync($"/threads/{thread}/runs/wait", Answer)).ShouldBeOk().Json;
        ended.Log().ShouldBe(LedgerRuns.Entries("q", 2));
        ended.TryGetProperty("__interrupt__", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_run_that_waits_is_cancelled_at_another_server_before_the_answer()
    {
        var thread = await Next.NewThreadAsync();
        var running = await A.CreateAsync(thread, LedgerRuns.Body("w", 20, 10_000));
        foreach (var api in (Api[])[B, A, C, B])
        {
            var waiting = await api.CreateAsync(thread, LedgerRuns.Body("never"));
            (await api.PostAsync($"{waiting}/cancel")).Status.ShouldBeInRange(200, 204);
            (await Next.StatusAsync(waiting)).ShouldBe("interrupted");
        }

        (await C.PostAsync($"{running}/cancel?wait=1")).ShouldBeOk();
        (await A.LogAsync(thread)).ShouldNotContain(entry => entry.StartsWith("never", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_leaves_another_server_cancels_its_run()
    {
        var thread = await Next.NewThreadAsync();
        var first = await A.CreateAsync(thread, LedgerRuns.Body("d1", 20, 300));
        await A.BeginsAsync(first);
        string second;
        using (var stream = await B.StreamAsync(
            $"/threads/{thread}/runs/stream", LedgerRuns.Body("d2", 20, 10_000, ",\"on_disconnect\":\"cancel\"")))
        {
            second = stream.Header("Content-Location")!;
            await stream.UntilAsync("custom");
        }

        (await C.GetAsync(second + "/join")).ShouldBeOk();
        (await C.StatusAsync(second)).ShouldBe("interrupted");
        (await C.StatusAsync(first)).ShouldBe("success");
    }

    [Fact]
    public async Task Runs_are_deleted_at_any_server_also_while_they_execute_elsewhere()
    {
        var thread = await Next.NewThreadAsync();
        var ended = await A.CreateAsync(thread, LedgerRuns.Body("ended"));
        (await B.GetAsync(ended + "/join")).ShouldBeOk();
        var running = await A.CreateAsync(thread, LedgerRuns.Body("running", 20, 10_000));
        await C.BeginsAsync(running);

        (await B.DeleteAsync(running)).Status.ShouldBeInRange(200, 204);
        (await C.DeleteAsync(ended)).Status.ShouldBeInRange(200, 204);

        foreach (var api in (Api[])[A, B, C])
        {
            (await api.GetAsync(running)).ShouldBe(HttpStatusCode.NotFound);
            (await api.GetAsync(ended)).ShouldBe(HttpStatusCode.NotFound);
        }

        (await B.PostAsync($"/threads/{thread}/runs/wait", LedgerRuns.Body("next"))).ShouldBeOk();
    }
}
