using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Testing.Tests.Servers;

public sealed class WeftTestServerTests
{
    private const string Hi = """{"messages":"Hi"}""";

    private static readonly LastValueChannel<string> Answer = Channel.LastValue<string>("answer");
    private static readonly ListChannel<string> Log = Channel.List<string>("log");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thread_keeps_its_conversation()
    {
        var model = new ScriptedChatClient("Hello.", ScriptedAnswer.Says("And ", "again."));
        await using var server = await WeftTestServer.StartAsync(weft => weft.AddGraph("chat", ChatGraph.Create(model)), cancellationToken: Stop);
        var thread = server.NewThread("chat");

        var values = await thread.RunAsync(Hi, Stop);
        var stream = await thread.StreamAsync(Hi, cancellationToken: Stop);

        values.GetProperty("messages").GetArrayLength().ShouldBe(2);
        stream.ExpectText("And again.");
        stream.ExpectValues("""{"messages":[{"type":"human"},{"type":"ai","content":"Hello."},{"type":"human"},{"type":"ai"}]}""");
        model.Calls[1].Messages.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_start_that_fails_leaves_nothing_behind()
    {
        string? folder = null;
        var options = new WeftTestServerOptions
        {
            ConfigureApp = app => folder = app.Environment.ContentRootPath,
            ConfigureServices = services => services.AddHostedService<FailingService>(),
        };

        await Should.ThrowAsync<InvalidOperationException>(
            () => WeftTestServer.StartAsync(weft => weft.AddGraph("asking", Asking()), options, Stop));

        Directory.Exists(folder.ShouldNotBeNull()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_run_that_asks_is_resumed()
    {
        await using var server = await WeftTestServer.StartAsync(weft => weft.AddGraph("asking", Asking()), cancellationToken: Stop);
        var thread = server.NewThread("asking");

        var paused = await thread.StreamAsync(cancellationToken: Stop);
        var done = await thread.StreamResumeAsync("\"blue\"", cancellationToken: Stop);

        paused.ExpectQuestions("\"Which colour?\"");
        done.ExpectQuestions();
        done.ExpectNodes("ask");
        done.ExpectValues("""{"answer":"blue"}""");
        (await thread.GetStateAsync(Stop)).GetProperty("values").GetProperty("answer").GetString().ShouldBe("blue");
    }

    [Fact]
    public async Task A_question_outlives_a_restart()
    {
        await using var server = await WeftTestServer.StartAsync(weft => weft.AddGraph("asking", Asking()), cancellationToken: Stop);
        var thread = server.NewThread("asking");
        await thread.RunAsync(cancellationToken: Stop);

        await server.RestartAsync(Stop);

        (await thread.ResumeAsync("\"red\"", Stop)).GetProperty("answer").GetString().ShouldBe("red");
    }

    [Fact]
    public async Task A_run_continues_after_a_kill_from_its_last_superstep()
    {
        var tries = 0;
        var atGate = new TaskCompletionSource();
        var graph = new StateGraph().AddChannel(Log)
            .AddNode("first", _ => new StateUpdate().Add(Log, "first"))
            .AddNode("second", async (context, cancellationToken) =>
            {
                if (Interlocked.Increment(ref tries) == 1)
                {
                    atGate.SetResult();
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }

                return new StateUpdate().Add(Log, "second");
            })
            .AddEdge(StateGraph.Start, "first")
            .AddEdge("first", "second")
            .Compile();
        await using var server = await WeftTestServer.StartAsync(weft => weft.AddGraph("slow", graph), cancellationToken: Stop);
        var thread = server.NewThread("slow");
        var run = await thread.StartAsync(cancellationToken: Stop);
        await atGate.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);

        await server.KillAsync(Stop);
        Should.Throw<InvalidOperationException>(() => server.Client).Message.ShouldContain("not running");
        await server.RestartAsync(Stop);

        (await thread.JoinAsync(run, Stop)).GetProperty("log").GetRawText().ShouldBe("""["first","second"]""");
        (await thread.GetRunAsync(run, Stop)).GetProperty("status").GetString().ShouldBe("success");
        tries.ShouldBe(2);
    }

    [Fact]
    public async Task A_kill_loses_what_was_not_committed_and_nothing_else()
    {
        await using var server = await WeftTestServer.StartAsync(weft => weft.AddGraph("asking", Asking()), cancellationToken: Stop);
        var threads = Enumerable.Range(0, 8).Select(_ => server.NewThread("asking")).ToList();
        foreach (var thread in threads)
        {
            await thread.RunAsync(cancellationToken: Stop);
        }

        await server.KillAsync(Stop);
        await server.RestartAsync(Stop);

        foreach (var thread in threads)
        {
            (await thread.ResumeAsync("\"red\"", Stop)).GetProperty("answer").GetString().ShouldBe("red");
        }
    }

    [Fact]
    public async Task The_clock_of_the_server_is_that_of_the_test()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var graph = new StateGraph().AddChannel(Answer)
            .AddNode("clock", context => new StateUpdate().Set(Answer, $"{context.Time.GetUtcNow():yyyy-MM-dd HH:mm}"))
            .AddEdge(StateGraph.Start, "clock").Compile();
        await using var server = await WeftTestServer.StartAsync(
            weft => weft.AddGraph("clock", graph), new WeftTestServerOptions { Time = time }, Stop);

        var first = await server.NewThread("clock").RunAsync(cancellationToken: Stop);
        time.Advance(TimeSpan.FromDays(1));
        var second = await server.NewThread("clock").RunAsync(cancellationToken: Stop);

        first.GetProperty("answer").GetString().ShouldBe("2030-01-02 03:04");
        second.GetProperty("answer").GetString().ShouldBe("2030-01-03 03:04");
    }

    [Fact]
    public async Task The_application_has_services_options_and_routes_of_its_own()
    {
        var graph = new StateGraph().AddChannel(Answer)
            .AddNode("greet", context => new StateUpdate().Set(Answer, context.Services.GetRequiredService<Greeter>().Greeting))
            .AddEdge(StateGraph.Start, "greet").Compile();
        var options = new WeftTestServerOptions
        {
            ConfigureServices = services => services.AddSingleton(new Greeter("Good day")),
            ConfigureServer = server => server.ServesGateway = false,
            ConfigureApp = app => app.Use((http, next) =>
            {
                http.Response.Headers["x-mine"] = "yes";
                return next(http);
            }),
        };
        await using var server = await WeftTestServer.StartAsync(weft => weft.AddGraph("greet", graph), options, Stop);

        using var gateway = await server.Client.GetAsync("/api/threads/x", Stop);
        var values = await server.NewThread("greet").RunAsync(cancellationToken: Stop);

        gateway.IsSuccessStatusCode.ShouldBeFalse();
        gateway.Headers.GetValues("x-mine").ShouldBe(["yes"]);
        values.GetProperty("answer").GetString().ShouldBe("Good day");
    }

    [Fact]
    public async Task Refused_and_failed_runs_say_why()
    {
        var graph = new StateGraph().AddChannel(Answer)
            .AddNode("fail", StateUpdate? (NodeContext _) => throw new InvalidOperationException("broken loom"))
            .AddEdge(StateGraph.Start, "fail").Compile();
        await using var server = await WeftTestServer.StartAsync(weft => weft.AddGraph("failing", graph), cancellationToken: Stop);

        var failed = await Should.ThrowAsync<ExpectationException>(() => server.NewThread("failing").RunAsync(cancellationToken: Stop));
        var refused = await Should.ThrowAsync<ExpectationException>(() => server.NewThread("nothing").RunAsync(cancellationToken: Stop));
        var stream = await server.NewThread("failing").StreamAsync(cancellationToken: Stop);

        failed.Message.ShouldContain("broken loom");
        refused.Message.ShouldContain("answered 404");
        stream.Of("error").ShouldHaveSingleItem().GetRawText().ShouldContain("broken loom");
    }

    [Fact]
    public async Task A_wait_that_takes_too_long_says_for_what()
    {
        var model = new ScriptedChatClient(ScriptedAnswer.Says("Never.").After(new TaskCompletionSource().Task));
        await using var server = await WeftTestServer.StartAsync(
            weft => weft.AddGraph("chat", ChatGraph.Create(model)).ConfigureRuns(runs => runs.DrainTimeout = TimeSpan.Zero),
            new WeftTestServerOptions { Timeout = TimeSpan.FromSeconds(3) },
            Stop);

        var late = await Should.ThrowAsync<TimeoutException>(() => server.NewThread("chat").StreamAsync(Hi, cancellationToken: Stop));

        late.Message.ShouldStartWith("Waited 3 seconds for the end of POST /threads/");
        late.Message.ShouldContain("metadata");
    }

    [Fact]
    public async Task A_folder_of_the_test_stays()
    {
        var folder = Directory.CreateTempSubdirectory("weft-").FullName;
        try
        {
            var options = new WeftTestServerOptions { Folder = folder };
            string database;
            await using (var server = await WeftTestServer.StartAsync(weft => weft.AddGraph("asking", Asking()), options, Stop))
            {
                database = server.DatabasePath;
            }

            File.Exists(database).ShouldBeTrue();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static CompiledGraph Asking() => new StateGraph()
        .AddChannel(Answer)
        .AddNode("ask", context => new StateUpdate().Set(Answer, context.Interrupt("Which colour?").GetString()!))
        .AddEdge(StateGraph.Start, "ask")
        .Compile();

    private sealed record Greeter(string Greeting);

    private sealed class FailingService : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("Not today.");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
