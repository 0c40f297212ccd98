using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Server.Tests.Platform;

public sealed class MultitaskTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Enqueued_runs_wait_for_their_turn_and_see_what_came_before()
    {
        var (thread, gate, first) = await StartAsync();

        var second = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo("second"));
        var third = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo("third", ""","multitask_strategy":"enqueue" """));
        (await Root.GetAsync(second.RunPath)).String("status").ShouldBe("pending");
        (await Root.GetAsync($"/threads/{thread}/runs?status=pending"))
            .Json.EnumerateArray()
            .Select(run => run.Text("run_id"))
            .ShouldBe([third.RunId, second.RunId]);
        gate.Open();

        (await Root.GetAsync(third.RunPath + "/join"))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["go", "begun", "one two", "second", "echo: second", "third", "echo: third"]);
        foreach (var run in (Answer[])[first, second, third])
        {
            (await Root.GetAsync(run.RunPath)).String("status").ShouldBe("success");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task The_queue_of_a_thread_is_listed_in_its_order_and_each_run_of_it_can_be_cancelled(string mount)
    {
        var (thread, gate, _) = await StartAsync();
        var queued = new List<Answer>();
        for (var i = 0; i < 4; i++)
        {
            queued.Add((await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo($"{i}"))).ShouldBeOk());
        }

        async Task QueueShouldBeAsync(string query, params int[] runs)
        {
            var page = (await Root.GetAsync($"{mount}/threads/{thread}/queue{query}")).ShouldBeOk();
            page.Json.EnumerateArray().Select(run => run.Text("run_id")).ShouldBe(runs.Select(run => queued[run].RunId));
        }

        await QueueShouldBeAsync("", 0, 1, 2, 3);
        await QueueShouldBeAsync("?limit=2&offset=1", 1, 2);
        var first = await Root.GetAsync($"{mount}/threads/{thread}/queue?limit=1&select=run_id,status,kwargs");
        (first.Header("X-Pagination-Total"), first.Header("X-Pagination-Next")).ShouldBe(("4", "1"));
        first.Json[0].Names().ShouldBe(["run_id", "status", "kwargs"]);
        first.Json[0].GetProperty("kwargs").GetProperty("input").GetProperty("messages")[0].Text("content").ShouldBe("0");

        (await Root.PostAsync(queued[1].RunPath + "/cancel")).ShouldBeOk();
        await QueueShouldBeAsync("", 0, 2, 3);
        (await Root.PostAsync(queued[2].RunPath + "/cancel?action=rollback")).ShouldBeOk();
        await QueueShouldBeAsync("", 0, 3);
        gate.Open();

        (await Root.GetAsync(queued[3].RunPath + "/join")).ShouldBeOk().Json.Texts()[3..].ShouldBe(["0", "echo: 0", "3", "echo: 3"]);
        await QueueShouldBeAsync("");
        (await Root.GetAsync($"{mount}/threads/{NewId()}/queue")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"{mount}/threads/{thread}/queue?limit=0")).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Reject_refuses_the_second_run_and_leaves_the_first_alone()
    {
        var (thread, gate, first) = await StartAsync();

        (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo("second", ""","multitask_strategy":"reject" """)))
            .ShouldBe(HttpStatusCode.Conflict);
        (await Root.PostAsync($"/threads/{thread}/runs/stream", Bodies.Echo("second", ""","multitask_strategy":"reject" """)))
            .ShouldBe(HttpStatusCode.Conflict);
        (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("second", ""","multitask_strategy":"reject" """)))
            .ShouldBe(HttpStatusCode.Conflict);
        gate.Open();

        (await Root.GetAsync(first.RunPath + "/join")).Json.Texts().ShouldBe(["go", "begun", "one two"]);
        (await Root.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Interrupt_stops_the_first_run_and_builds_on_what_it_did()
    {
        var (thread, gate, first) = await StartAsync();

        var second = await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("second", ""","multitask_strategy":"interrupt" """));

        second.ShouldBeOk().Json.Texts().ShouldBe(["go", "begun", "second", "echo: second"]);
        await gate.CancelledAsync();
        (await Root.GetAsync(first.RunPath)).String("status").ShouldBe("interrupted");
        (await Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("idle");
    }

    [Fact]
    public async Task Rollback_stops_the_first_run_and_takes_back_what_it_did()
    {
        var (thread, gate, first) = await StartAsync();

        var second = await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("second", ""","multitask_strategy":"rollback" """));

        second.ShouldBeOk().Json.Texts().ShouldBe(["second", "echo: second"]);
        await gate.CancelledAsync();
        (await Root.GetAsync(first.RunPath)).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/threads/{thread}/history"))
            .Json.EnumerateArray()
            .ShouldAllBe(state => state.GetProperty("metadata").GetProperty("run_id").GetString() == second.RunId);
    }

    [Fact]
    public async Task Interrupt_also_ends_the_runs_that_wait()
    {
        var (thread, _, first) = await StartAsync();
        var second = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo("second"));

        (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("third", ""","multitask_strategy":"interrupt" """)))
            .Json.Texts()
            .ShouldBe(["go", "begun", "third", "echo: third"]);

        (await Root.GetAsync(first.RunPath)).String("status").ShouldBe("interrupted");
        (await Root.GetAsync(second.RunPath)).String("status").ShouldBe("interrupted");
    }

    [Fact]
    public async Task Large_runs_that_wait_have_their_input_when_they_start()
    {
        var (thread, gate, _) = await StartAsync();
        var large = new string('x', 300_000);
        var command = $$$"""{"update":{"messages":[{"role":"human","content":"{{{large}}}"}]},"goto":"answer"}""";
        const string More = ""","metadata":{"kind":"large"},"config":{"configurable":{"size":"large"}} """;

        var input = (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo(large + "1", More))).ShouldBeOk();
        var waited = Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo(large + "2"));
        await Waiting.Until(async () => (await Root.GetAsync($"/threads/{thread}/queue")).Json.GetArrayLength() == 2, "the second run");
        var steered = (await Root.PostAsync(
            $"/threads/{thread}/runs", $$"""{"assistant_id":"echo","command":{{command}}}""")).ShouldBeOk();
        foreach (var answer in (Answer[])[input, await Root.GetAsync(input.RunPath)])
        {
            answer.Json.GetProperty("kwargs").GetProperty("input").GetProperty("messages")[0].Text("content").ShouldBe(large + "1");
            answer.Json.GetProperty("metadata").Text("kind").ShouldBe("large");
        }

        gate.Open();

        (await waited).ShouldBeOk().Json.Texts()[3..].ShouldBe([large + "1", $"echo: {large}1", large + "2", $"echo: {large}2"]);
        (await Root.GetAsync(steered.RunPath + "/join")).ShouldBeOk().Json.Texts()[^2..].ShouldBe([large, $"echo: {large}"]);
        var state = (await Root.GetAsync($"/threads/{thread}/history?limit=20")).ShouldBeOk().Json.EnumerateArray()
            .First(state => state.GetProperty("metadata").Text("run_id") == input.RunId);
        (state.GetProperty("metadata").Text("kind"), state.GetProperty("metadata").Text("size")).ShouldBe(("large", "large"));
    }

    [Fact]
    public async Task An_observer_gets_the_input_of_a_large_run_that_was_cancelled_while_it_waited()
    {
        var observer = new Observer();
        await using var server = await TestServer.StartAsync(add: weft => weft.Services.AddSingleton<IRunObserver>(observer));
        var thread = await server.Root.NewThreadAsync();
        var large = new string('x', 300_000);
        var run = await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo(large, ""","after_seconds":3600"""));

        (await server.Root.PostAsync(run.RunPath + "/cancel")).ShouldBeOk();

        Encoding.UTF8.GetString((await observer.Ended.Within("the observer to be told")).Kwargs.Span).ShouldContain(large);
    }

    [Fact]
    public async Task Many_runs_sent_at_once_are_executed_one_after_the_other()
    {
        var thread = await Root.NewThreadAsync();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(number => Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo($"m{number}"))));

        answers.ShouldAllBe(answer => answer.Status == 200);
        answers.Select(answer => answer.Json.Texts().Length).Order().ShouldBe(Enumerable.Range(1, 20).Select(number => 2 * number));
        var texts = (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").Texts();
        texts.Where((_, index) => index % 2 == 1).ShouldBe(texts.Where((_, index) => index % 2 == 0).Select(text => "echo: " + text));
    }

    private async Task<(string Thread, Gate Gate, Answer First)> StartAsync()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        var first = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();
        return (thread, gate, first);
    }

    private sealed class Observer : IRunObserver
    {
        private readonly TaskCompletionSource<RunRecord> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<RunRecord> Ended => _ended.Task;

        public ValueTask OnEndedAsync(RunRecord run, RunOutcome outcome, CancellationToken cancellationToken)
        {
            _ended.TrySetResult(run);
            return default;
        }
    }
}
