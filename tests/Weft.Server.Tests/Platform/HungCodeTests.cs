using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Server.Tests.Platform;

/// <summary>Code that does not heed its token does not hold its run or its thread.</summary>
public sealed class HungCodeTests
{
    private const string Run = """{"assistant_id":"hung","input":{}}""";
    private const string Passing = """{"assistant_id":"hung","input":{"pass":true}}""";

    public static TheoryData<string> Places { get; } =
        ["node", "blocked thread", "edge", "inner graph", "inner graph without token", "beside another", "callback of the token"];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_cancelled_run_ends_and_what_its_code_does_later_has_no_effect(string place)
    {
        var hung = new HungCode();
        await using var server = await StartAsync(hung, place);
        var (thread, run) = await HangAsync(
            server.Root, hung, """{"assistant_id":"hung","input":{},"stream_mode":["custom","messages-tuple","values"]}""");

        (await server.Root.PostAsync($"{run.RunPath}/cancel?wait=1")).Status.ShouldBeInRange(200, 204);

        (await server.Root.GetAsync(run.RunPath)).String("status").ShouldBe("interrupted");
        (await server.Root.GetAsync(run.RunPath + "/join")).ShouldBeOk();
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Passing)).ShouldBeOk();
        var state = (await server.Root.GetAsync($"/threads/{thread}/state")).Text;
        var history = (await server.Root.GetAsync($"/threads/{thread}/history")).Text;
        using var before = await server.Root.JoinAsync(run.RunPath + "/stream", ("Last-Event-ID", "-1"));
        var events = await before.ToEndAsync();

        await hung.ReleaseAsync();

        hung.Done.ShouldBeEmpty();
        (await server.Root.GetAsync($"/threads/{thread}/state")).Text.ShouldBe(state);
        (await server.Root.GetAsync($"/threads/{thread}/history")).Text.ShouldBe(history);
        (await server.Root.PostAsync("/store/items/search", """{"namespace_prefix":["late"]}"""))
            .Json.GetProperty("items")
            .GetArrayLength()
            .ShouldBe(0);
        using var after = await server.Root.JoinAsync(run.RunPath + "/stream", ("Last-Event-ID", "-1"));
        (await after.ToEndAsync()).ShouldBe(events);
    }

    [Theory]
    [InlineData("interrupt", "before before passed")]
    [InlineData("rollback", "before passed")]
    public async Task A_run_that_takes_the_place_of_one_that_hangs_is_executed(string strategy, string trail)
    {
        var hung = new HungCode();
        await using var server = await StartAsync(hung);
        var (thread, run) = await HangAsync(server.Root, hung);

        var next = await server.Root.PostAsync(
            $"/threads/{thread}/runs/wait",
            $$"""{"assistant_id":"hung","input":{"pass":true},"multitask_strategy":"{{strategy}}"}""");

        string.Join(' ', next.ShouldBeOk().Json.GetProperty("trail").EnumerateArray().Select(item => item.GetString())).ShouldBe(trail);
        (await server.Root.GetAsync(run.RunPath)).Status.ShouldBe(strategy == "rollback" ? 404 : 200);
        await hung.ReleaseAsync();
        (await server.Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").ToString().ShouldBe(next.Text);
    }

    [Fact]
    public async Task A_run_that_hangs_can_be_deleted()
    {
        var hung = new HungCode();
        await using var server = await StartAsync(hung);
        var (thread, run) = await HangAsync(server.Root, hung);

        (await server.Root.DeleteAsync(run.RunPath)).Status.ShouldBeInRange(200, 204);

        (await server.Root.GetAsync(run.RunPath)).ShouldBe(HttpStatusCode.NotFound);
        await hung.ReleaseAsync();
        (await server.Root.GetAsync($"/threads/{thread}/history")).Json.GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thread_with_a_run_that_hangs_can_be_deleted(bool resumable)
    {
        var hung = new HungCode();
        await using var server = await StartAsync(hung);
        var (thread, run) = await HangAsync(
            server.Root, hung, $$"""{"assistant_id":"hung","input":{},"stream_resumable":{{(resumable ? "true" : "false")}}}""");

        (await server.Root.DeleteAsync($"/threads/{thread}")).Status.ShouldBeInRange(200, 204);

        await hung.ReleaseAsync();
        (await server.Root.GetAsync($"/threads/{thread}")).ShouldBe(HttpStatusCode.NotFound);
        (await server.Root.GetAsync(run.RunPath)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_run_that_hangs_times_out(string place)
    {
        var hung = new HungCode();
        await using var server = await StartAsync(hung, place, options => options.RunTimeout = TimeSpan.FromSeconds(1));
        var thread = await server.Root.NewThreadAsync();

        var answer = await server.Root.PostAsync($"/threads/{thread}/runs/wait", Run);

        answer.ShouldBeOk().Json.GetProperty("__error__").Text("error").ShouldBe("TimeoutException");
        (await server.Root.GetAsync(answer.RunPath)).String("status").ShouldBe("timeout");
        await hung.ReleaseAsync();
        hung.Done.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failure_is_told_though_another_node_hangs()
    {
        var hung = new HungCode();
        await using var server = await StartAsync(hung, "beside a failure");
        var thread = await server.Root.NewThreadAsync();

        var answer = await server.Root.PostAsync($"/threads/{thread}/runs/wait", Run);

        answer.ShouldBeOk().Json.GetProperty("__error__").Text("message").ShouldBe("The tap is closed.");
        var history = (await server.Root.GetAsync($"/threads/{thread}/history")).Text;
        await hung.ReleaseAsync();
        hung.Done.ShouldBeEmpty();
        (await server.Root.GetAsync($"/threads/{thread}/history")).Text.ShouldBe(history);
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Passing))
            .ShouldBeOk()
            .Json.GetProperty("trail")
            .GetArrayLength()
            .ShouldBe(3);
    }

    [Fact]
    public async Task What_was_done_beside_code_that_hangs_is_kept()
    {
        var hung = new HungCode();
        await using var server = await StartAsync(hung, "beside another");
        var (thread, run) = await HangAsync(server.Root, hung, """{"assistant_id":"hung","input":{},"durability":"exit"}""");

        await server.Root.PostAsync($"{run.RunPath}/cancel?wait=1");

        var tasks = (await server.Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("tasks").EnumerateArray();
        tasks.Single(task => task.Text("name") == "quick").GetProperty("result").ToString().ShouldBe("""{"trail":["quick"]}""");
        await hung.ReleaseAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_stops_though_code_hangs_and_the_next_one_goes_on(bool cancelled)
    {
        using var folder = new Recovery.TempFolder();
        var hung = new HungCode();
        var server = await StartAsync(hung, "node", options => options.DrainTimeout = TimeSpan.FromMilliseconds(50), folder.Path);
        var (thread, run) = await HangAsync(server.Root, hung);
        if (cancelled)
        {
            await server.Root.PostAsync($"{run.RunPath}/cancel");
        }

        await server.StopAsync();
        await hung.ReleaseAsync();

        hung.Done.ShouldBeEmpty();
        var next = new HungCode();
        await using var second = await StartAsync(next, "node", folder: folder.Path);
        if (!cancelled)
        {
            await next.EnteredAsync();
            await second.Root.PostAsync($"{run.RunPath}/cancel?wait=1");
            await next.ReleaseAsync();
        }

        (await second.Root.GetAsync(run.RunPath)).String("status").ShouldBe("interrupted");
        (await second.Root.GetAsync($"/threads/{thread}/state"))
            .Json.GetProperty("values")
            .GetProperty("trail")
            .GetArrayLength()
            .ShouldBe(1);
    }

    [Theory]
    [InlineData("start", false)]
    [InlineData("start", true)]
    [InlineData("end", false)]
    public async Task An_observer_that_hangs_does_not_hold_the_thread(string at, bool blocks)
    {
        var observer = new HungObserver(at, blocks);
        await using var server = await StartAsync(new HungCode(), add: weft => weft.Services.AddSingleton<IRunObserver>(observer));
        var thread = await server.Root.NewThreadAsync();
        var run = await server.Root.PostAsync($"/threads/{thread}/runs", Passing);
        await observer.EnteredAsync();

        await server.Root.PostAsync($"{run.RunPath}/cancel?wait=1");

        (await server.Root.DeleteAsync($"/threads/{thread}")).Status.ShouldBeInRange(200, 204);
        observer.Released.SetResult();
    }

    [Fact]
    public async Task An_edit_whose_edge_hangs_is_refused_and_frees_the_thread()
    {
        var hung = new HungCode();
        await using var server = await StartAsync(hung, "edge", options => options.EditTimeout = TimeSpan.FromSeconds(1));
        var thread = await server.Root.NewThreadAsync();
        await server.Root.PostAsync($"/threads/{thread}/runs/wait", Passing);

        var edit = server.Root.PostAsync($"/threads/{thread}/state", """{"values":{"pass":false},"as_node":"work"}""");
        await hung.EnteredAsync();

        (await edit).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain("took longer than");
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Passing)).ShouldBeOk();
        await hung.ReleaseAsync();
        (await server.Root.GetAsync($"/threads/{thread}/history"))
            .Json.EnumerateArray()
            .Count(state => state.GetProperty("metadata").GetProperty("source").GetString() == "update")
            .ShouldBe(0);
    }

    private sealed class HungObserver(string at, bool blocks) : IRunObserver
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task EnteredAsync() => _entered.Task.Within("the observer to hang");

        public ValueTask OnStartedAsync(RunRecord run, CancellationToken cancellationToken) => at == "start" ? HangAsync() : default;

        public ValueTask OnEndedAsync(RunRecord run, RunOutcome outcome, CancellationToken cancellationToken) =>
            at == "end" ? HangAsync() : default;

        private ValueTask HangAsync()
        {
            _entered.TrySetResult();
            if (blocks)
            {
#pragma warning disable xUnit1031 // To block is what is tested.
                Released.Task.GetAwaiter().GetResult();
#pragma warning restore xUnit1031
            }

            return new(Released.Task);
        }
    }

    private static async Task<(string Thread, Answer Run)> HangAsync(Api api, HungCode hung, string body = Run)
    {
        var thread = await api.NewThreadAsync();
        var run = await api.PostAsync($"/threads/{thread}/runs", body);
        await hung.EnteredAsync();
        return (thread, run);
    }

    private static Task<TestServer> StartAsync(
        HungCode hung,
        string place = "node",
        Action<RunsOptions>? configure = null,
        string? folder = null,
        Action<WeftBuilder>? add = null) => TestServer.StartAsync(
        folder,
        configureRuns: options =>
        {
            options.StopGrace = TimeSpan.FromMilliseconds(200);
            configure?.Invoke(options);
        },
        add: weft =>
        {
            weft.AddGraph("hung", hung.Graph(place));
            add?.Invoke(weft);
        });
}
