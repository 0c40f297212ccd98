using Weft.Graphs;
using Weft.RemoteGraphs;
using Weft.Server.Tests.Recovery;

namespace Weft.Server.Tests.RemoteGraphs;

/// <summary>Cancels, broken connections and restarts.</summary>
public sealed class RemoteFaultTests
{
    [Fact]
    public async Task A_cancel_reaches_the_remote_run()
    {
        await using var remote = await TestServer.StartAsync();
        await using var server = await Callers.StartAsync(remote.Root.BaseAddress, "gated");
        var gate = remote.Gates.New();
        var thread = await server.Root.NewThreadAsync();
        var run = await server.Root.PostAsync($"/threads/{thread}/runs", Callers.Body($$"""{"gate":"{{gate.Name}}"}"""));
        await gate.EnteredAsync();

        await server.Root.PostAsync(run.RunPath + "/cancel?wait=1");

        await gate.CancelledAsync();
        await Waiting.Until(async () => (await remote.RunsAsync()) is ["interrupted"], "the remote run to be cancelled");
        (await server.Root.GetAsync(run.RunPath)).String("status").ShouldBe("interrupted");
    }

    [Fact]
    public async Task A_cancel_is_sent_to_a_server_that_does_not_answer_and_not_waited_for()
    {
        await using var remote = await TestServer.StartAsync();
        await using var proxy = new CuttingProxy(remote.Root.BaseAddress);
        await using var silent = new SilentServer();
        var options = new RemoteGraphOptions { CancelTimeout = TimeSpan.FromSeconds(3) };
        await using var server = await TestServer.StartAsync(
            configureRuns: static runs => runs.StopGrace = TimeSpan.FromSeconds(25),
            add: weft => weft.AddGraph("caller", Callers.Graph(proxy.Address, "gated", options)));
        var gate = remote.Gates.New();
        var thread = await server.Root.NewThreadAsync();
        using var stream = await server.Root.StreamAsync(
            $"/threads/{thread}/runs/stream",
            Callers.Body($$"""{"gate":"{{gate.Name}}"}""", ""","stream_mode":["messages-tuple","custom"],"stream_subgraphs":true """));
        var path = stream.Header("Content-Location")!;
        await gate.EnteredAsync();

        // With the first event, the id of the remote run is known here.
        while (!(await stream.NextAsync()).ShouldNotBeNull().Event.Contains("|call:", StringComparison.Ordinal))
        {
        }

        proxy.Target = silent.Address;
        proxy.Cut();
        var start = TimeProvider.System.GetTimestamp();

        await server.Root.PostAsync(path + "/cancel?wait=1");

        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        (await server.Root.GetAsync(path)).String("status").ShouldBe("interrupted");
        silent.Requests.ShouldContain(line => line.StartsWith("POST", StringComparison.Ordinal) && line.Contains("/cancel?"));
        gate.Open();
    }

    [Fact]
    public async Task A_remote_run_that_somebody_cancels_fails_the_node()
    {
        await using var remote = await TestServer.StartAsync();
        await using var server = await Callers.StartAsync(remote.Root.BaseAddress, "gated");
        var gate = remote.Gates.New();
        var thread = await server.Root.NewThreadAsync();
        var run = await server.Root.PostAsync($"/threads/{thread}/runs", Callers.Body($$"""{"gate":"{{gate.Name}}"}"""));
        await gate.EnteredAsync();

        await remote.Root.PostAsync("/runs/cancel", """{"status":"all"}""");

        (await server.Root.GetAsync(run.RunPath + "/join")).Text.ShouldContain("was cancelled");
        (await server.Root.GetAsync(run.RunPath)).String("status").ShouldBe("error");
    }

    [Fact]
    public async Task A_node_that_runs_again_continues_the_remote_graph_where_it_failed()
    {
        var trail = Channel.List<string>("trail");
        var tries = 0;
        var flaky = new StateGraph()
            .AddChannel(trail)
            .AddNode("first", _ => new StateUpdate().Add(trail, "first"))
            .AddNode("second", _ => ++tries == 1 ? throw new InvalidOperationException("no luck") : new StateUpdate().Add(trail, "second"))
            .AddEdge(StateGraph.Start, "first")
            .AddEdge("first", "second")
            .Compile();
        await using var remote = await TestServer.StartAsync(add: weft => weft.AddGraph("flaky", flaky));
        await using var server = await Callers.StartAsync(remote.Root.BaseAddress, "flaky");
        var thread = await server.Root.NewThreadAsync();
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Callers.Body("{}"))).Text.ShouldContain("no luck");

        var state = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Callers.Body("null"))).ShouldBeOk().Json;

        state.GetProperty("trail").Strings().ShouldBe(["first", "second"]);
        (await remote.RunsAsync()).ShouldBe(["success", "error"]);
    }

    [Fact]
    public async Task A_broken_connection_is_joined_again_and_nothing_is_streamed_twice()
    {
        await using var remote = await TestServer.StartAsync();
        await using var proxy = new CuttingProxy(remote.Root.BaseAddress);
        await using var server = await Callers.StartAsync(proxy.Address, "gated");
        var gate = remote.Gates.New();
        using var stream = await server.Root.StreamAsync(
            "/runs/stream",
            Callers.Body($$"""{"gate":"{{gate.Name}}"}""", ""","stream_mode":["messages-tuple","custom"],"stream_subgraphs":true """));
        await gate.EnteredAsync();

        proxy.Cut();
        gate.Open();

        var frames = await stream.ToEndAsync();
        frames.Where(frame => frame.Event.StartsWith("messages", StringComparison.Ordinal))
            .Select(frame => frame.Json[0].Text("content"))
            .ShouldBe(["begun", "one", " two"]);
        frames.Count(frame => frame.Event.StartsWith("custom", StringComparison.Ordinal)).ShouldBe(1);
        frames[^1].Json.Text("status").ShouldBe("success");
        (await remote.RunsAsync()).ShouldBe(["success"]);
    }

    [Fact]
    public async Task A_restarted_server_continues_with_the_remote_run_that_it_has_started()
    {
        using var folder = new TempFolder();
        await using var remote = await TestServer.StartAsync();
        var gate = remote.Gates.New();
        string thread;
        string path;
        await using (var server = await Callers.StartAsync(remote.Root.BaseAddress, "gated", folder: folder.Path, drain: TimeSpan.Zero))
        {
            thread = await server.Root.NewThreadAsync();
            path = (await server.Root.PostAsync($"/threads/{thread}/runs", Callers.Body($$"""{"gate":"{{gate.Name}}"}"""))).RunPath;
            await gate.EnteredAsync();
        }

        (await remote.RunsAsync()).ShouldBe(["running"]);
        await using var next = await Callers.StartAsync(remote.Root.BaseAddress, "gated", folder: folder.Path);
        gate.Open();

        (await next.Root.GetAsync(path + "/join")).ShouldBeOk().Json.Texts().ShouldBe(["begun", "one two"]);
        (await next.Root.GetAsync(path)).String("status").ShouldBe("success");
        (await remote.RunsAsync()).ShouldBe(["success"]);
    }

    [Fact]
    public async Task A_restarted_server_finds_its_remote_run_among_many_of_other_tasks()
    {
        using var folder = new TempFolder();
        await using var remote = await TestServer.StartAsync();
        var shared = Guid.CreateVersion7();
        var options = new RemoteGraphOptions { ThreadId = _ => shared };
        var gate = remote.Gates.New();
        string path;
        await using (var server = await Callers.StartAsync(remote.Root.BaseAddress, "gated", options, folder.Path, TimeSpan.Zero))
        {
            var thread = await server.Root.NewThreadAsync();
            path = (await server.Root.PostAsync($"/threads/{thread}/runs", Callers.Body($$"""{"gate":"{{gate.Name}}"}"""))).RunPath;
            await gate.EnteredAsync();
        }

        for (var i = 0; i < 120; i++)
        {
            (await remote.Root.PostAsync($"/threads/{shared}/runs", """{"assistant_id":"echo","input":{"messages":[]}}""")).ShouldBeOk();
        }

        await using var next = await Callers.StartAsync(remote.Root.BaseAddress, "gated", options, folder.Path);
        gate.Open();

        (await next.Root.GetAsync(path + "/join")).ShouldBeOk();
        (await next.Root.GetAsync(path)).String("status").ShouldBe("success");
        var runs = (await remote.Root.GetAsync($"/threads/{shared}/runs?limit=1000")).ShouldBeOk().Json;
        runs.GetArrayLength().ShouldBe(121);
    }

    [Fact]
    public async Task A_restarted_server_answers_the_question_of_a_remote_run()
    {
        using var folder = new TempFolder();
        await using var remote = await TestServer.StartAsync();
        string thread;
        await using (var server = await Callers.StartAsync(remote.Root.BaseAddress, "asking", folder: folder.Path))
        {
            thread = await server.Root.NewThreadAsync();
            await server.Root.PostAsync($"/threads/{thread}/runs/wait", Callers.Body("{}"));
        }

        await using var next = await Callers.StartAsync(remote.Root.BaseAddress, "asking", folder: folder.Path);
        var state = await next.Root.PostAsync(
            $"/threads/{thread}/runs/wait", """{"assistant_id":"caller","command":{"resume":"blue"}}""");

        state.ShouldBeOk().Json.Text("answer").ShouldBe("blue");
    }

    [Fact]
    public async Task A_server_that_restarts_is_awaited()
    {
        using var folder = new TempFolder();
        var gates = new Gates();
        var gate = gates.New();
        var remote = await TestServer.StartAsync(folder.Path, gates, configureRuns: runs => runs.DrainTimeout = TimeSpan.Zero);
        await using var proxy = new CuttingProxy(remote.Root.BaseAddress);
        await using var server = await Callers.StartAsync(
            proxy.Address, "gated", new RemoteGraphOptions { RequestTimeout = TimeSpan.FromSeconds(2) });
        var thread = await server.Root.NewThreadAsync();
        var run = await server.Root.PostAsync($"/threads/{thread}/runs", Callers.Body($$"""{"gate":"{{gate.Name}}"}"""));
        await gate.EnteredAsync();

        await remote.DisposeAsync();
        gate.Open();
        await using var restarted = await TestServer.StartAsync(folder.Path, gates);
        proxy.Target = restarted.Root.BaseAddress;

        (await server.Root.GetAsync(run.RunPath + "/join")).ShouldBeOk().Json.Texts().ShouldBe(["begun", "one two"]);
        (await restarted.RunsAsync()).ShouldBe(["success"]);
    }
}
