using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Weft.Graphs;
using Weft.Runs;
using Weft.Server.Tests.Recovery;

namespace Weft.Server.Tests.Platform;

/// <summary>What a run did, and when (docs/protocol/weft.md 7).</summary>
public sealed class TimelineTests(TimelineServer shared) : IClassFixture<TimelineServer>
{
    private Api Root => shared.Server.Root;

    private Gates Gates => shared.Server.Gates;

    [Fact]
    public async Task A_run_has_its_supersteps_and_tasks_with_their_times_whatever_it_streamed()
    {
        var thread = await Root.NewThreadAsync();
        var run = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Steered("last"))).ShouldBeOk().RunPath;

        var timeline = await TimelineAsync(run);

        timeline.Names().ShouldBe(["entries", "omitted", "totals", "attempts", "is_running", "started_at"]);
        var supersteps = Of(timeline, "superstep");
        var history = (await Root.GetAsync($"/threads/{thread}/history")).ShouldBeOk().Json.EnumerateArray().Reverse().ToList();
        supersteps.ConvertAll(step => $"{step.GetProperty("step")} {step.Text("source")} {step.Text("checkpoint_id")}").ShouldBe(
            history.ConvertAll(state => $"{state.GetProperty("metadata").GetProperty("step")} "
                + $"{state.GetProperty("metadata").Text("source")} {state.GetProperty("checkpoint").Text("checkpoint_id")}"));
        var tasks = Of(timeline, "task");
        tasks.ConvertAll(task => $"{task.GetProperty("step")} {task.Text("node")} {task.Text("status")}").Order()
            .ShouldBe(["1 left success", "1 right success", "2 last success"]);
        tasks[0].Names().ShouldBe(
            ["type", "run_attempt", "status", "start_ms", "end_ms", "error", "namespace", "step", "id", "node", "attempt", "cached"]);
        tasks.ShouldAllBe(task => task.Text("namespace") == "" && task.GetProperty("attempt").GetInt32() == 1);
        tasks.Select(task => task.Text("id")).Distinct().Count().ShouldBe(3);
        foreach (var entry in timeline.GetProperty("entries").EnumerateArray())
        {
            entry.GetProperty("start_ms").GetDecimal().ShouldBeInRange(0, entry.GetProperty("end_ms").GetDecimal());
            entry.GetProperty("error").ValueKind.ShouldBe(JsonValueKind.Null);
        }

        var total = timeline.GetProperty("totals");
        (Count(total, "supersteps"), Count(total, "tasks"), Count(total, "model_calls"), Count(total, "tool_calls")).ShouldBe((4, 3, 0, 0));
        (timeline.GetProperty("omitted").GetInt32(), timeline.GetProperty("is_running").GetBoolean()).ShouldBe((0, false));
        timeline.GetProperty("attempts").GetRawText().ShouldBe("[1]");
        timeline.Text("started_at").ShouldBe((await Root.GetAsync(run)).Json.Text("started_at"));
        (await shared.Server.Gateway.GetAsync($"/weft{run}/timeline")).ShouldBeOk().Text.ShouldBe(timeline.GetRawText());
    }

    [Fact]
    public async Task A_graph_inside_a_task_has_entries_under_its_namespace_and_a_question_interrupts_them()
    {
        var thread = await Root.NewThreadAsync();
        var asking = (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"outer","input":{}}""")).ShouldBeOk().RunPath;
        var resumed = (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"outer","command":{"resume":"y"}}"""))
            .ShouldBeOk().RunPath;

        var first = await TimelineAsync(asking);
        var sub = Of(first, "task").Single(task => task.Text("node") == "sub");
        var ns = $"sub:{sub.Text("id")}";
        Describe(first, "task").ShouldBe(["sub interrupted", $"first success {ns}", $"ask interrupted {ns}"]);
        Of(first, "superstep").Where(step => step.Text("namespace") == ns).Select(step => step.Text("status"))
            .ShouldBe(["success", "success", "success", "interrupted"]);
        Of(first, "superstep").Last(step => step.Text("namespace") == "").Text("status").ShouldBe("interrupted");

        // The task keeps its id, and what it did before is not done again.
        Describe(await TimelineAsync(resumed), "task").ShouldBe(["sub success", $"ask success {ns}"]);
    }

    [Fact]
    public async Task A_node_that_fails_is_an_error_of_its_kind()
    {
        var run = (await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs/wait", Bodies.Failing())).RunPath;

        var timeline = await TimelineAsync(run);

        var task = Of(timeline, "task").ShouldHaveSingleItem();
        (task.Text("status"), task.Text("error")).ShouldBe(("error", "InvalidOperationException"));
        var last = Of(timeline, "superstep")[^1];
        (last.Text("status"), last.Text("error")).ShouldBe(("error", "InvalidOperationException"));
        last.GetProperty("checkpoint_id").ValueKind.ShouldBe(JsonValueKind.Null);
        timeline.GetProperty("totals").GetProperty("tasks").GetProperty("errors").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_node_that_is_tried_again_is_one_task_and_a_cached_one_says_so()
    {
        var runs = $"/threads/{await Root.NewThreadAsync()}/runs/wait";
        var key = Guid.NewGuid();
        var body = $$$"""{"assistant_id":"trying","input":{"key":"{{{key}}}"}}""";

        var first = Of(await TimelineAsync((await Root.PostAsync(runs, body)).ShouldBeOk().RunPath), "task").ShouldHaveSingleItem();
        var second = Of(await TimelineAsync((await Root.PostAsync(runs, body)).ShouldBeOk().RunPath), "task").ShouldHaveSingleItem();

        (first.GetProperty("attempt").GetInt32(), first.GetProperty("cached").GetBoolean(), first.Text("status"))
            .ShouldBe((3, false, "success"));
        (second.GetProperty("attempt").GetInt32(), second.GetProperty("cached").GetBoolean()).ShouldBe((1, true));
    }

    [Fact]
    public async Task Tools_that_nodes_report_are_calls_of_their_tasks()
    {
        var run = (await Root.PostAsync(
            $"/threads/{await Root.NewThreadAsync()}/runs/wait", """{"assistant_id":"tooling","input":{}}""")).ShouldBeOk().RunPath;

        var timeline = await TimelineAsync(run);

        var task = Of(timeline, "task").ShouldHaveSingleItem();
        var calls = Of(timeline, "tool_call");
        calls.ConvertAll(call => $"{call.Text("name")} {call.GetProperty("tool_call_id")} {call.Text("status")} {call.GetProperty("error")}")
            .ShouldBe(["weigh w1 success ", "spill  error TimeoutException", "forget f1 success "]);
        calls.ShouldAllBe(call => call.Text("task_id") == task.Text("id"));
        calls[0].Names().ShouldBe(["type", "run_attempt", "status", "start_ms", "end_ms", "error", "task_id", "name", "tool_call_id"]);
        timeline.GetProperty("totals").GetProperty("tool_calls").GetProperty("errors").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_run_that_executes_shows_what_it_has_done_until_now_and_one_that_is_cancelled_what_it_had_not_ended()
    {
        var gate = Gates.New();
        var run = (await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs", Bodies.Gated(gate))).ShouldBeOk().RunPath;
        await gate.EnteredAsync();

        var now = await TimelineAsync(run);
        Describe(now, "task").ShouldBe(["begin success", "speak running"]);
        Of(now, "task")[1].GetProperty("end_ms").ValueKind.ShouldBe(JsonValueKind.Null);
        Of(now, "superstep")[^1].Text("status").ShouldBe("running");
        now.GetProperty("is_running").GetBoolean().ShouldBeTrue();

        (await Root.PostAsync($"{run}/cancel?wait=true")).Status.ShouldBeLessThan(300);
        var ended = await TimelineAsync(run);
        Describe(ended, "task").ShouldBe(["begin success", "speak cancelled"]);
        Of(ended, "superstep")[^1].Text("status").ShouldBe("cancelled");
        Of(ended, "task")[1].GetProperty("end_ms").ValueKind.ShouldBe(JsonValueKind.Number);
        ended.GetProperty("is_running").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Of_a_run_of_many_supersteps_the_first_5000_entries_are_kept_and_the_rest_is_counted()
    {
        var run = (await Root.PostAsync(
            $"/threads/{await Root.NewThreadAsync()}/runs/wait",
            """{"assistant_id":"endless","input":{},"config":{"recursion_limit":2600},"durability":"exit"}""")).RunPath;

        var timeline = await TimelineAsync(run);

        timeline.GetProperty("entries").GetArrayLength().ShouldBe(5_000);
        var totals = timeline.GetProperty("totals");
        var (supersteps, tasks) = (Count(totals, "supersteps"), Count(totals, "tasks"));
        (supersteps + tasks - timeline.GetProperty("omitted").GetInt64()).ShouldBe(5_000);
        // The input, the superstep that applies it, and the others until the limit.
        (supersteps, tasks).ShouldBe((2_602, 2_600));
        totals.GetProperty("tasks").GetProperty("ms").GetDecimal()
            .ShouldBeGreaterThan(Of(timeline, "task").Sum(task => task.GetProperty("end_ms").GetDecimal() - task.GetProperty("start_ms").GetDecimal()));
    }

    [Fact]
    public async Task A_timeline_goes_with_its_run_and_with_its_thread()
    {
        var thread = await Root.NewThreadAsync();
        var first = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).ShouldBeOk().RunPath;
        var second = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).ShouldBeOk().RunPath;

        (await Root.DeleteAsync(first)).Status.ShouldBeLessThan(300);
        (await Root.GetAsync($"/weft{first}/timeline")).ShouldBe(HttpStatusCode.NotFound);
        Of(await TimelineAsync(second), "task").Count.ShouldBe(1);

        (await Root.DeleteAsync($"/threads/{thread}")).Status.ShouldBeLessThan(300);
        (await Root.GetAsync($"/weft{second}/timeline")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync("/weft/threads/x/runs/y/timeline")).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Of_others_nobody_sees_a_timeline()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft(), HeaderUsers.Add);
        (string, string) ada = ("x-user", "ada"), bob = ("x-user", "bob");
        var thread = (await app.Root.PostAsync("/threads", "{}", ada)).ShouldBeOk().String("thread_id");
        var run = (await app.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo(), ada)).ShouldBeOk().RunPath;

        (await app.Root.GetAsync($"/weft{run}/timeline", ada)).ShouldBeOk();
        (await app.Root.GetAsync($"/weft{run}/timeline", bob)).ShouldBe(HttpStatusCode.NotFound);
        (await app.Root.GetAsync($"/weft{run}/timeline")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task After_a_restart_a_timeline_is_the_same_and_a_run_that_continues_has_those_of_both_attempts()
    {
        using var folder = new TempFolder();
        var gates = new Gates();
        var gate = gates.New();
        string ended, before, continued;
        var first = await StartAsync(folder, gates);
        ended = (await first.Root.PostAsync($"/threads/{await first.Root.NewThreadAsync()}/runs/wait", Bodies.Echo())).ShouldBeOk().RunPath;
        before = (await first.Root.GetAsync($"/weft{ended}/timeline")).ShouldBeOk().Text;
        continued = (await first.Root.PostAsync($"/threads/{await first.Root.NewThreadAsync()}/runs", Bodies.Gated(gate))).ShouldBeOk().RunPath;
        await gate.EnteredAsync();
        await first.StopAsync();
        gate.Open();

        var second = await StartAsync(folder, gates);
        (await second.Root.GetAsync($"/weft{ended}/timeline")).ShouldBeOk().Text.ShouldBe(before);
        (await second.Root.GetAsync($"{continued}/join")).ShouldBeOk();
        var both = (await second.Root.GetAsync($"/weft{continued}/timeline")).ShouldBeOk().Json;
        both.GetProperty("attempts").GetRawText().ShouldBe("[1,2]");
        Of(both, "task").ConvertAll(task => $"{task.GetProperty("run_attempt")} {task.Text("node")} {task.Text("status")}")
            .ShouldBe(["1 begin success", "1 speak cancelled", "2 speak success"]);
        Of(both, "task")[2].GetProperty("start_ms").GetDecimal().ShouldBeGreaterThan(Of(both, "task")[1].GetProperty("end_ms").GetDecimal());
        await second.StopAsync();
    }

    [Fact]
    public async Task Without_retention_nothing_is_collected()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options => options.TimelineRetention = TimeSpan.Zero);
        var run = (await server.Root.PostAsync($"/threads/{await server.Root.NewThreadAsync()}/runs/wait", Bodies.Echo())).ShouldBeOk().RunPath;

        var timeline = (await server.Root.GetAsync($"/weft{run}/timeline")).ShouldBeOk().Json;

        timeline.GetProperty("entries").GetArrayLength().ShouldBe(0);
        timeline.GetProperty("attempts").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_run_that_has_not_started_has_no_entries()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        var waiting = (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo())).ShouldBeOk().RunPath;

        var timeline = await TimelineAsync(waiting);

        gate.Open();
        timeline.GetProperty("entries").GetArrayLength().ShouldBe(0);
        timeline.GetProperty("started_at").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    private static Task<TestServer> StartAsync(TempFolder folder, Gates gates) => TestServer.StartAsync(
        folder.Path, gates, configureRuns: options => options.DrainTimeout = TimeSpan.FromMilliseconds(50));

    private static List<JsonElement> Of(JsonElement timeline, string type) =>
        [.. timeline.GetProperty("entries").EnumerateArray().Where(entry => entry.Text("type") == type)];

    private static IEnumerable<string> Describe(JsonElement timeline, string type) =>
        Of(timeline, type).Select(entry => $"{entry.Text("node")} {entry.Text("status")} {entry.Text("namespace")}".TrimEnd());

    private static long Count(JsonElement totals, string kind) => totals.GetProperty(kind).GetProperty("count").GetInt64();

    private async Task<JsonElement> TimelineAsync(string run) => (await Root.GetAsync($"/weft{run}/timeline")).ShouldBeOk().Json;
}

/// <summary>A server with graphs whose nodes are tried again, and call tools.</summary>
public sealed class TimelineServer : IAsyncLifetime
{
    private TestServer? _server;

    public TestServer Server => _server ?? throw new InvalidOperationException("The server has not been started.");

    public async ValueTask InitializeAsync() =>
        _server = await TestServer.StartAsync(add: weft => weft.AddGraph("trying", Trying()).AddGraph("tooling", Tooling()));

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>Fails twice.</summary>
    private static CompiledGraph Trying()
    {
        var (key, tries) = (Channel.LastValue<string>("key"), 0);
        var options = new NodeOptions
        {
            Retry = new RetryPolicy { InitialInterval = TimeSpan.Zero, Jitter = false },
            Cache = new CachePolicy(),
        };
        return new StateGraph().AddChannel(key)
            .AddNode("try", context => ++tries < 3 ? throw new IOException("not yet") : StateUpdate.None, options)
            .AddEdge(StateGraph.Start, "try").Compile(new CompileOptions { Cache = new InMemoryNodeCache() });
    }

    /// <summary>Calls a tool, one that fails, and one whose end it does not report.</summary>
    private static CompiledGraph Tooling()
    {
        NodeResult Call(NodeContext context)
        {
            context.StartTool(new ToolCall("weigh", GraphJson.EmptyObject, "w1"))!.End(Message.Ai("3"));
            context.StartTool(new ToolCall("spill", GraphJson.EmptyObject, null))!.Fail(new TimeoutException());
            context.StartTool(new ToolCall("forget", GraphJson.EmptyObject, "f1"));
            return StateUpdate.None;
        }

        return new StateGraph().AddChannel(Channel.LastValue<string>("key"))
            .AddNode("call", Call).AddEdge(StateGraph.Start, "call").Compile();
    }
}
