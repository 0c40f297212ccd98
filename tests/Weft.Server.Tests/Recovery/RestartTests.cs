using System.Globalization;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server.Tests.Recovery;

public sealed class RestartTests
{
    [Fact]
    public async Task A_run_that_executes_is_taken_up_by_the_next_server()
    {
        using var folder = new TempFolder();
        var gates = new Gates();
        var gate = gates.New();
        var first = await StartAsync(folder, gates);
        var thread = await first.Root.NewThreadAsync();
        var run = await first.Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        var waiting = await first.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo("second"));
        await gate.EnteredAsync();
        await first.StopAsync();
        gate.Open();

        var second = await StartAsync(folder, gates);

        (await second.Root.GetAsync(waiting.RunPath + "/join"))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["go", "begun", "one two", "second", "echo: second"]);
        (await second.Root.GetAsync(run.RunPath)).String("status").ShouldBe("success");
        (await second.Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("idle");
        await second.StopAsync();
    }

    [Fact]
    public async Task Large_runs_that_wait_are_executed_by_the_next_server()
    {
        using var folder = new TempFolder();
        var gates = new Gates();
        var gate = gates.New();
        var large = new string('x', 300_000);
        var first = await StartAsync(folder, gates);
        var thread = await first.Root.NewThreadAsync();
        await first.Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();
        var waiting = new List<Answer>();
        for (var i = 0; i < 3; i++)
        {
            waiting.Add((await first.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo($"{large}{i}"))).ShouldBeOk());
        }

        await first.StopAsync();
        gate.Open();
        var second = await StartAsync(folder, gates);

        (await second.Root.GetAsync(waiting[2].RunPath + "/join"))
            .ShouldBeOk()
            .Json.Texts()[3..]
            .ShouldBe(Enumerable.Range(0, 3).SelectMany(i => (string[])[$"{large}{i}", $"echo: {large}{i}"]));
        await second.StopAsync();
    }

    [Fact]
    public async Task A_resumable_stream_is_replayed_whole_also_when_it_is_too_large_for_memory()
    {
        const int Events = 1_000;
        using var folder = new TempFolder();
        var first = await StartAsync();
        var run = await first.Root.PostAsync(
            $"/threads/{await first.Root.NewThreadAsync()}/runs/wait",
            """{"assistant_id":"talking","input":{},"stream_mode":"custom","stream_resumable":true}""");
        using var all = await first.Root.JoinAsync(run.RunPath + "/stream", ("Last-Event-ID", "-1"));
        var frames = await all.ToEndAsync();
        await first.StopAsync();

        var second = await StartAsync();
        using var again = await second.Root.JoinAsync(run.RunPath + "/stream", ("Last-Event-ID", "-1"));
        (await again.ToEndAsync()).ShouldBe(frames);
        using var rest = await second.Root.JoinAsync(run.RunPath + "/stream", ("Last-Event-ID", "100"));
        (await rest.ToEndAsync()).ShouldBe(frames[101..]);
        await second.StopAsync();

        frames.Select(frame => frame.Id).ShouldBe(Enumerable.Range(0, Events + 2).Select(i => i.ToString(CultureInfo.InvariantCulture)));
        frames[1..^1]
            .Select(frame => frame.Data)
            .ShouldBe(Enumerable.Range(0, Events).Select(i => i.ToString(CultureInfo.InvariantCulture)));

        Task<TestServer> StartAsync() => TestServer.StartAsync(
            folder.Path,
            configureRuns: options => options.StreamBytesMax = 2_000,
            add: weft => weft.AddGraph("talking", new StateGraph().AddChannel(Channel.LastValue<int>("n")).AddNode("talk", Talk).AddEdge(StateGraph.Start, "talk").Compile()));

        static NodeResult Talk(NodeContext context)
        {
            for (var i = 0; i < Events; i++)
            {
                context.Write(i);
            }

            return StateUpdate.None;
        }
    }

    [Fact]
    public async Task A_resumable_stream_is_replayed_by_the_next_server()
    {
        using var folder = new TempFolder();
        var first = await StartAsync(folder, new Gates());
        using var stream = await first.Root.StreamAsync(
            $"/threads/{await first.Root.NewThreadAsync()}/runs/stream", Bodies.Echo(more: ""","stream_resumable":true"""));
        var frames = await stream.ToEndAsync();
        await first.StopAsync();

        var second = await StartAsync(folder, new Gates());

        using var all = await second.Root.JoinAsync(stream.Header("Location")!, ("Last-Event-ID", "-1"));
        (await all.ToEndAsync()).ShouldBe(frames);
        using var rest = await second.Root.JoinAsync(stream.Header("Location")!, ("Last-Event-ID", "1"));
        (await rest.ToEndAsync()).ShouldBe(frames[2..]);
        await second.StopAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData(""","stream_resumable":true""")]
    public async Task Who_comes_back_to_a_run_that_was_put_back_is_told_of_the_new_attempt(string more)
    {
        using var folder = new TempFolder();
        var gates = new Gates();
        var gate = gates.New();
        var first = await StartAsync(folder, gates);
        using var stream = await first.Root.StreamAsync(
            $"/threads/{await first.Root.NewThreadAsync()}/runs/stream",
            Bodies.Gated(gate, ""","stream_mode":["custom","values"]""" + more));
        var last = await stream.UntilAsync("custom");
        await first.StopAsync();
        gate.Open();

        var second = await StartAsync(folder, gates);

        using var rest = await second.Root.JoinAsync(stream.Header("Location")!, ("Last-Event-ID", last.Id!));
        var frames = await rest.ToEndAsync();
        (frames[0].Event, frames[0].Json.GetProperty("attempt").GetInt32()).ShouldBe(("metadata", 2));
        frames[1..].Select(frame => frame.Event).ShouldBe(["values", "custom", "values", "end"]);
        frames.Select(frame => long.Parse(frame.Id!, CultureInfo.InvariantCulture))
            .ShouldAllBe(id => id > long.Parse(last.Id!, CultureInfo.InvariantCulture));
        await second.StopAsync();
    }

    [Fact]
    public async Task The_stream_of_an_old_run_that_was_not_resumable_ends_at_once()
    {
        using var folder = new TempFolder();
        var first = await StartAsync(folder, new Gates());
        using var stream = await first.Root.StreamAsync($"/threads/{await first.Root.NewThreadAsync()}/runs/stream", Bodies.Echo());
        await stream.ToEndAsync();
        await first.StopAsync();

        var second = await StartAsync(folder, new Gates());

        using var joined = await second.Root.JoinAsync(stream.Header("Location")!, ("Last-Event-ID", "1"));
        (await joined.ToEndAsync()).Select(frame => frame.Event).ShouldBe(["end"]);
        await second.StopAsync();
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_is_refused_and_the_first_goes_on()
    {
        using var folder = new TempFolder();
        var gates = new Gates();
        var gate = gates.New();
        var first = await StartAsync(folder, gates);
        using var stream = await first.Root.StreamAsync($"/threads/{await first.Root.NewThreadAsync()}/runs/stream", Bodies.Gated(gate));
        await gate.EnteredAsync();

        var refused = await Should.ThrowAsync<InvalidOperationException>(StartAsync(folder, gates));

        refused.Message.ShouldBe($"Another server uses the data in '{folder.Path}'; each server has a folder of its own.");
        gate.Open();
        (await stream.ToEndAsync())[^1].Json.Text("status").ShouldBe("success");
        await first.StopAsync();
        await (await StartAsync(folder, gates)).StopAsync();
    }

    [Fact]
    public async Task An_interrupted_thread_is_resumed_by_the_next_server()
    {
        using var folder = new TempFolder();
        var first = await StartAsync(folder, new Gates());
        var thread = await first.Root.NewThreadAsync();
        await first.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking());
        await first.StopAsync();

        var second = await StartAsync(folder, new Gates());

        (await second.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"asking","command":{"resume":"green"}}"""))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["you chose green"]);
        (await second.Root.GetAsync($"/threads/{thread}/history"))
            .Json.EnumerateArray()
            .Select(state => state.GetProperty("metadata").GetProperty("step").GetInt32())
            .ShouldBe([2, 1, 0, -1]);
        await second.StopAsync();
    }

    [Fact]
    public async Task Clients_of_a_stopping_server_are_let_go()
    {
        using var folder = new TempFolder();
        var gates = new Gates();
        var gate = gates.New();
        // No heartbeat that might help.
        var server = await TestServer.StartAsync(
            folder.Path,
            gates,
            options => options.HeartbeatInterval = TimeSpan.FromHours(1),
            options => options.DrainTimeout = TimeSpan.FromMilliseconds(50));
        using var stream = await server.Root.StreamAsync($"/threads/{await server.Root.NewThreadAsync()}/runs/stream", Bodies.Gated(gate));
        await gate.EnteredAsync();

        var reading = stream.ToEndAsync();
        await server.StopAsync();

        (await reading.Within("the stream to end")).ShouldNotContain(frame => frame.Event == "end");
    }

    [Fact]
    public async Task Those_who_wait_for_a_run_are_let_go_and_the_run_goes_on_with_the_next_server()
    {
        using var folder = new TempFolder();
        var gates = new Gates();
        var gate = gates.New();
        var first = await StartAsync(folder, gates);
        var thread = await first.Root.NewThreadAsync();
        var waiting = first.Gateway.PostAsync($"/threads/{thread}/runs/wait", Bodies.Gated(gate));
        await gate.EnteredAsync();

        var stopping = first.StopAsync();

        (await waiting).Status.ShouldBe(503);
        await stopping;
        gate.Open();
        var second = await StartAsync(folder, gates);
        var run = (await second.Root.GetAsync($"/threads/{thread}/runs")).Json[0].Text("run_id");
        (await second.Root.GetAsync($"/threads/{thread}/runs/{run}/join")).ShouldBeOk().Json.Texts().ShouldBe(["go", "begun", "one two"]);
        await second.StopAsync();
    }

    private static Task<TestServer> StartAsync(TempFolder folder, Gates gates) =>
        TestServer.StartAsync(folder.Path, gates, configureRuns: options => options.DrainTimeout = TimeSpan.FromMilliseconds(50));
}
