using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Graphs;
using Weft.Server.Tests.Diagnostics;

namespace Weft.Server.Tests.Platform;

public sealed class FailureTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_failure_is_told_by_the_run_and_the_thread()
    {
        var thread = await Root.NewThreadAsync();

        var answer = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Failing())).ShouldBeOk();

        answer.Json.ShouldBeJson("""{"__error__":{"error":"InvalidOperationException","message":"The tap is closed."}}""");
        (await Root.GetAsync(answer.RunPath)).String("status").ShouldBe("error");
        (await Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("error");
        (await Root.GetAsync($"/threads/{thread}")).String("error").ShouldBe("The tap is closed.");
        (await Root.GetAsync(answer.RunPath + "/join"))
            .ShouldBeOk()
            .Json.GetProperty("__error__")
            .Text("message")
            .ShouldBe("The tap is closed.");
    }

    [Fact]
    public async Task The_text_of_an_exception_can_be_kept_from_clients()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options => options.ShowExceptionText = false);
        var thread = await server.Root.NewThreadAsync();

        var answer = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Failing())).ShouldBeOk();

        answer.Json.GetProperty("__error__").Text("error").ShouldBe("InvalidOperationException");
        answer.Json.GetProperty("__error__").Text("message").ShouldContain(answer.RunId);
        using var events = await server.Root.JoinAsync(answer.RunPath + "/stream", ("Last-Event-ID", "-1"));
        string[] texts = [answer.Text, (await server.Root.GetAsync($"/threads/{thread}")).Text, (await server.Root.GetAsync($"/threads/{thread}/state")).Text,
            (await server.Root.GetAsync($"/threads/{thread}/history")).Text, .. (await events.ToEndAsync()).Select(frame => frame.Data)];
        texts.ShouldAllBe(text => !text.Contains("The tap is closed."));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_edit_whose_edges_fail_says_so_and_is_one_error(bool isShown)
    {
        var log = new RecordedLog();
        await using var server = await TestServer.StartAsync(
            configureRuns: options => options.ShowExceptionText = isShown,
            add: weft =>
            {
                weft.Services.AddSingleton<ILoggerProvider>(log);
                weft.AddGraph("choosing", Choosing());
            });
        var thread = (await server.Root.PostAsync("/threads", """{"metadata":{"graph_id":"choosing"}}""")).String("thread_id");
        const string update = """{"values":{"answer":"x"},"as_node":"ask"}""";

        Answer[] answers =
        [
            await server.Root.PostAsync($"/threads/{thread}/state", update),
            await server.Root.PostAsync(
                "/threads", $$"""{"metadata":{"graph_id":"choosing"},"supersteps":[{"updates":[{{update}}]}]}"""),
        ];

        foreach (var answer in answers)
        {
            var detail = answer.ShouldBe(HttpStatusCode.UnprocessableEntity).Detail;
            detail.ShouldStartWith("as_node: The conditional edges behind 'ask' failed: ");
            detail.Contains("The tap is closed.").ShouldBe(isShown, detail);
        }

        answers[0].Detail.Contains(thread).ShouldBe(!isShown);
        log.Lines.Where(line => line.Level == LogLevel.Error).Select(line => line.Line).Count().ShouldBe(2);
        log.Lines.ShouldContain((LogLevel.Error, $"An edit of thread {thread} failed in the conditional edges behind node ask."));
        (await server.Root.GetAsync($"/threads/{thread}/history")).ShouldBeOk().Text.ShouldBe("[]");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_factory_that_fails_says_so_and_is_logged(bool isShown)
    {
        var log = new RecordedLog();
        await using var server = await TestServer.StartAsync(
            configureRuns: options => options.ShowExceptionText = isShown,
            add: weft =>
            {
                weft.Services.AddSingleton<ILoggerProvider>(log);
                weft.AddGraph("picky", (_, configurable) => configurable.TryGetProperty("bad", out var _)
                    ? throw new InvalidOperationException("The tap is closed.")
                    : Choosing());
            });

        var answer = await server.Root.PostAsync(
            "/runs/wait", """{"assistant_id":"picky","input":{},"config":{"configurable":{"bad":true}}}""");

        var detail = answer.ShouldBe(HttpStatusCode.UnprocessableEntity).Detail;
        detail.ShouldStartWith("config.configurable: The graph 'picky' can't be made with this configuration: ");
        detail.Contains("The tap is closed.").ShouldBe(isShown, detail);
        log.Lines.ShouldContain((LogLevel.Warning, "The graph 'picky' could not be made with the configuration of a request."));
    }

    [Fact]
    public async Task The_thread_goes_on_after_a_failure()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Failing());

        (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Failing(fail: false)))
            .ShouldBeOk()
            .Json.GetProperty("count")
            .GetInt32()
            .ShouldBe(1);

        (await Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("idle");
        (await Root.GetAsync($"/threads/{thread}")).Json.GetProperty("error").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    [Fact]
    public async Task A_run_that_waits_starts_after_the_one_before_it_failed()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs", Bodies.Failing());
        var second = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Failing(fail: false));

        (await Root.GetAsync(second.RunPath + "/join")).ShouldBeOk().Json.GetProperty("count").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_run_that_takes_too_long_times_out()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options => options.RunTimeout = TimeSpan.FromMilliseconds(100));
        var thread = await server.Root.NewThreadAsync();

        var answer = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Gated(server.Gates.New()))).ShouldBeOk();

        answer.Json.GetProperty("__error__").Text("error").ShouldBe("TimeoutException");
        (await server.Root.GetAsync(answer.RunPath)).String("status").ShouldBe("timeout");
    }

    private static CompiledGraph Choosing()
    {
        var answer = Channel.LastValue<string>("answer");
        return new StateGraph().AddChannel(answer)
            .AddNode("ask", _ => StateUpdate.None)
            .AddNode("tell", _ => StateUpdate.None)
            .AddEdge(StateGraph.Start, "ask")
            .AddConditionalEdges(
                "ask",
                context => context.Get(answer) is null ? "tell" : throw new InvalidOperationException("The tap is closed."),
                ["tell"])
            .Compile();
    }
}
