using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Weft.Server.Tests.Platform;

public sealed class RunTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_run_needs_a_thread_that_exists()
    {
        var thread = NewId();

        (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo())).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldContain(thread);
        (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo(more: ""","if_not_exists":"create" """)))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["hi", "echo: hi"]);
    }

    [Fact]
    public async Task A_created_run_tells_all_of_its_members()
    {
        var thread = await Root.NewThreadAsync();

        var answer = (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo(more: ""","metadata":{"a":1}"""))).ShouldBeOk();

        answer.Header("Content-Location").ShouldBe($"/threads/{thread}/runs/{answer.String("run_id")}");
        answer.String("status").ShouldBe("pending");
        answer.String("multitask_strategy").ShouldBe("enqueue");
        answer.Json.GetProperty("metadata").GetProperty("a").GetInt32().ShouldBe(1);
        answer.Json.GetProperty("metadata").Text("graph_id").ShouldBe("echo");
        answer.Json.GetProperty("kwargs").GetProperty("input").Texts().ShouldBe(["hi"]);
        answer.Json.Names().ShouldBe(
            [
                "run_id",
                "thread_id",
                "assistant_id",
                "status",
                "metadata",
                "multitask_strategy",
                "kwargs",
                "created_at",
                "updated_at",
                "cancel_reason",
                "usage",
                "started_at",
                "ended_at",
                "attempt",
                "not_before",
                "error",
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task Deleting_a_run_answers_nothing()
    {
        var thread = await Root.NewThreadAsync();
        var path = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).RunPath;

        (await Root.DeleteAsync(path)).ShouldBe(HttpStatusCode.NoContent);

        (await Root.GetAsync(path)).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/threads/{thread}/history")).ShouldBeOk().Text.ShouldBe("[]");
    }

    [Fact]
    public async Task Cancelling_a_run_that_has_ended_changes_nothing()
    {
        var path = (await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs/wait", Bodies.Echo())).RunPath;

        (await Root.PostAsync(path + "/cancel?wait=1")).ShouldBeOk().Text.ShouldBe("{}");

        (await Root.GetAsync(path)).String("status").ShouldBe("success");
    }

    [Fact]
    public async Task A_cancelled_run_says_why_and_leaves_its_thread_interrupted()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        var path = (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate))).RunPath;
        await gate.EnteredAsync();

        (await Root.PostAsync(path + "/cancel?wait=1&action=interrupt&reason=taken:by-me")).ShouldBeOk();

        (await Root.GetAsync(path)).String("status").ShouldBe("interrupted");
        (await Root.GetAsync(path)).String("cancel_reason").ShouldStartWith("taken:");
        (await Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("interrupted");
    }

    [Fact]
    public async Task Runs_can_be_cancelled_in_bulk_by_their_ids()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        var first = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        var second = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo());
        await gate.EnteredAsync();

        (await Root.PostAsync("/runs/cancel", $$"""{"thread_id":"{{thread}}","run_ids":["{{first.RunId}}","{{second.RunId}}"]}"""))
            .ShouldBe(HttpStatusCode.NoContent);

        await Root.GetAsync(first.RunPath + "/join");
        (await Root.GetAsync(first.RunPath)).String("status").ShouldBe("interrupted");
        (await Root.GetAsync(second.RunPath)).String("status").ShouldBe("interrupted");
        (await Root.PostAsync("/runs/cancel", "{}")).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("all", "interrupted", "interrupted")]
    [InlineData("pending", "running", "interrupted")]
    public async Task Runs_can_be_cancelled_in_bulk_by_their_status(string status, string first, string second)
    {
        await using var server = await TestServer.StartAsync();
        var gate = server.Gates.New();
        var thread = await server.Root.NewThreadAsync();
        var runs = (Answer[])[await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate)), await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo())];
        await gate.EnteredAsync();

        (await server.Root.PostAsync("/runs/cancel", $$"""{"status":"{{status}}"}""")).ShouldBe(HttpStatusCode.NoContent);

        if (first == "interrupted")
        {
            await server.Root.GetAsync(runs[0].RunPath + "/join");
        }

        (await server.Root.GetAsync(runs[0].RunPath)).String("status").ShouldBe(first);
        (await server.Root.GetAsync(runs[1].RunPath)).String("status").ShouldBe(second);
        gate.Open();
    }

    [Theory]
    [InlineData("sync", 4)]
    [InlineData("async", 4)]
    [InlineData("exit", 1)]
    public async Task Durability_decides_which_checkpoints_are_kept(string durability, int count)
    {
        var gate = Gates.New();
        gate.Open();
        var thread = await Root.NewThreadAsync();

        (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Gated(gate, $",\"durability\":\"{durability}\""))).ShouldBeOk();

        (await Root.GetAsync($"/threads/{thread}/history")).Json.GetArrayLength().ShouldBe(count);
    }

    [Fact]
    public async Task A_delayed_run_is_pending_until_it_is_due()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(time: time);
        var thread = await server.Root.NewThreadAsync();
        var run = (await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo(more: ""","after_seconds":60"""))).ShouldBeOk();
        var join = server.Root.GetAsync(run.RunPath + "/join");

        time.Advance(TimeSpan.FromSeconds(59));
        (await server.Root.GetAsync(run.RunPath)).String("status").ShouldBe("pending");
        (await server.Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("busy");
        time.Advance(TimeSpan.FromSeconds(1));

        (await join).ShouldBeOk().Json.Texts().ShouldBe(["hi", "echo: hi"]);
        (await server.Root.GetAsync(run.RunPath)).String("status").ShouldBe("success");
    }

    [Fact]
    public async Task A_run_forks_from_the_checkpoint_that_it_names()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("one"));
        var fork = (await Root.GetAsync($"/threads/{thread}/state")).Json.CheckpointId();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("two"));

        var values = await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("other", $$""","checkpoint_id":"{{fork}}" """));

        values.ShouldBeOk().Json.Texts().ShouldBe(["one", "echo: one", "other", "echo: other"]);
        var history = (await Root.PostAsync($"/threads/{thread}/history", """{"limit":100}""")).Json.EnumerateArray().ToList();
        history.Count(state => state.ParentId() == fork).ShouldBe(2);
        (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").Texts()[^1].ShouldBe("echo: other");
    }

    [Fact]
    public async Task A_fork_may_be_named_by_a_checkpoint_object()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("one"));
        var checkpoint = (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("checkpoint").GetRawText();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("two"));

        (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("other", $",\"checkpoint\":{checkpoint}")))
            .ShouldBeOk()
            .Json.Texts()
            .Length.ShouldBe(4);
    }

    [Fact]
    public async Task A_checkpoint_that_is_not_there_is_not_found() =>
        (await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs", Bodies.Echo(more: ""","checkpoint_id":"1f0a7c22-3b4c-6d5e-8001-9a8b7c6d5e4f" """)))
            .ShouldBe(HttpStatusCode.NotFound);

    [Fact]
    public async Task Config_context_and_headers_reach_the_graph()
    {
        var body = """{"assistant_id":"configured","input":{},"config":{"configurable":{"user":"ada"}},"context":{"tone":"dry"}}""";

        var values = (await Root.PostAsync("/runs/wait", body, ("x-team", "blue"), ("x-api-key", "secret"))).ShouldBeOk().Json;

        var configurable = values.GetProperty("configurable");
        configurable.Text("user").ShouldBe("ada");
        configurable.Text("model").ShouldBe("small");
        configurable.Text("x-team").ShouldBe("blue");
        configurable.Names().ShouldNotContain("x-api-key");
        values.GetProperty("context").Text("tone").ShouldBe("dry");
    }

    [Fact]
    public async Task A_graph_that_never_ends_is_stopped_at_its_recursion_limit()
    {
        var answer = await Root.PostAsync("/runs/wait", """{"assistant_id":"endless","input":{},"config":{"recursion_limit":5}}""");

        answer.ShouldBeOk().Json.GetProperty("__error__").Text("error").ShouldBe("GraphRecursionError");
    }

    [Fact]
    public async Task A_stateless_run_leaves_nothing_behind()
    {
        var answer = (await Root.PostAsync("/runs/wait", Bodies.Echo())).ShouldBeOk();

        answer.Json.Texts().ShouldBe(["hi", "echo: hi"]);
        answer.Header("Content-Location")!.ShouldMatch("^/runs/[0-9a-f-]{36}$");
        var thread = answer.Header("Location")!.Split('/')[2];
        (await Root.GetAsync($"/threads/{thread}")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_stateless_run_may_keep_its_thread()
    {
        var run = (await Root.PostAsync("/runs", Bodies.Echo(more: ""","on_completion":"keep" """))).ShouldBeOk();

        run.Header("Content-Location").ShouldBe("/runs/" + run.String("run_id"));
        var thread = run.String("thread_id");
        (await Root.GetAsync($"/threads/{thread}/runs/{run.String("run_id")}/join")).ShouldBeOk().Json.Texts().ShouldBe(["hi", "echo: hi"]);
        (await Root.GetAsync($"/threads/{thread}")).ShouldBeOk();
    }

    [Fact]
    public async Task Stateless_runs_can_be_created_in_a_batch()
    {
        var runs = (await Root.PostAsync("/runs/batch", $"[{Bodies.Echo("a")},{Bodies.Echo("b")}]")).ShouldBeOk().Json;

        runs.GetArrayLength().ShouldBe(2);
        (await Root.PostAsync("/runs/batch", $$"""[{{Bodies.Echo("a")}},{"input":{} }]""")).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_batch_of_which_one_run_is_refused_creates_none()
    {
        await using var server = await TestServer.StartAsync();
        var kept = Bodies.Echo("a", ""","on_completion":"keep" """);
        var refused = Bodies.Echo("b", ""","checkpoint_id":"1f0a7c22-3b4c-6d5e-8001-9a8b7c6d5e4f" """);

        (await server.Root.PostAsync("/runs/batch", $"[{kept},{refused}]")).ShouldBe(HttpStatusCode.NotFound);

        (await server.Root.PostAsync("/threads/search", "{}")).ShouldBeOk().Text.ShouldBe("[]");
    }
}
