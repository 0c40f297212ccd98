using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Server.Tests.Diagnostics;

namespace Weft.Server.Tests.Platform;

public sealed class ThreadStreamTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task The_runs_of_a_thread_are_streamed_one_after_the_other()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("before"));
        using var stream = await Root.JoinAsync($"/threads/{thread}/stream");
        stream.Header("Location").ShouldBe($"/threads/{thread}/stream");

        var first = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("one", ""","stream_mode":["updates"]"""))).RunId;
        var second = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("two"))).RunId;

        (await RunAsync(stream)).ShouldBe([$"metadata {first}-0", $"updates {first}-1", $"end {first}-2"]);
        (await RunAsync(stream)).ShouldBe([$"metadata {second}-0", $"values {second}-1", $"values {second}-2", $"end {second}-3"]);
    }

    [Fact]
    public async Task Of_a_run_that_executes_what_is_new_is_streamed()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        var run = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate, ""","stream_mode":["updates"]"""));
        await gate.EnteredAsync();
        using var stream = await Root.JoinAsync($"/threads/{thread}/stream");
        gate.Open();

        (await RunAsync(stream)).ShouldBe([$"updates {run.RunId}-2", $"end {run.RunId}-3"]);
    }

    [Fact]
    public async Task A_client_goes_on_from_the_last_event_that_it_has_or_begins_at_the_beginning()
    {
        var thread = await Root.NewThreadAsync();
        var first = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("one"))).RunId;
        var second = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("two"))).RunId;

        using var rest = await Root.JoinAsync($"/threads/{thread}/stream", ("Last-Event-ID", $"{first}-2"));
        (await RunAsync(rest)).ShouldBe([$"end {first}-3"]);
        (await RunAsync(rest))[0].ShouldBe($"metadata {second}-0");
        using var all = await Root.JoinAsync($"/threads/{thread}/stream", ("Last-Event-ID", "-"));
        (await RunAsync(all))[0].ShouldBe($"metadata {first}-0");
        (await RunAsync(all))[^1].ShouldBe($"end {second}-3");
    }

    [Fact]
    public async Task Lifecycle_is_only_the_start_and_the_end_of_runs()
    {
        var thread = await Root.NewThreadAsync();
        using var stream = await Root.JoinAsync($"/threads/{thread}/stream?stream_mode=lifecycle");
        var gate = Gates.New();
        var run = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();
        var waiting = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo());
        await Root.PostAsync(waiting.RunPath + "/cancel");
        gate.Open();

        (await RunAsync(stream)).Select(line => line.Split(' ')[0]).ShouldBe(["metadata", "end"]);
        (await RunAsync(stream)).ShouldBe([$"end {waiting.RunId}-0"]);
        (await Root.GetAsync(run.RunPath)).String("status").ShouldBe("success");
    }

    [Fact]
    public async Task A_thread_that_is_not_there_or_a_mode_that_is_none_is_refused()
    {
        (await Root.GetAsync($"/threads/{NewId()}/stream")).ShouldBe(HttpStatusCode.NotFound);
        var thread = await Root.NewThreadAsync();
        (await Root.GetAsync($"/threads/{thread}/stream?stream_mode=values"))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldContain("stream_mode");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task State_update_is_the_state_after_each_edit_and_nothing_of_runs(string mount)
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("one"));
        using var stream = await Root.JoinAsync($"{mount}/threads/{thread}/stream?stream_modes=state_update");
        await EditAsync(thread, "first");
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("two"));
        await EditAsync(thread, "second");

        foreach (var title in (string[])["first", "second"])
        {
            var frame = (await stream.NextAsync())!;
            (frame.Event, frame.Id).ShouldBe(("state_update", null));
            frame.Json.Names().ShouldBe(["state", "thread_id"]);
            frame.Json.Text("thread_id").ShouldBe(thread);
            frame.Json.GetProperty("state").GetProperty("values").Text("title").ShouldBe(title);
        }

        await EditAsync(thread, "third");
        var last = (await stream.NextAsync())!.Json.GetProperty("state");
        var state = (await Root.GetAsync($"{mount}/threads/{thread}/state")).Json;
        last.GetRawText().ShouldBe(state.GetRawText());
    }

    [Fact]
    public async Task Edits_come_between_the_runs_between_which_they_were_made()
    {
        var thread = await Root.NewThreadAsync();
        using var stream = await Root.JoinAsync(
            $"/threads/{thread}/stream?stream_mode=run_modes&stream_mode=state_update", ("Last-Event-ID", "-"));
        using var lifecycle = await Root.JoinAsync($"/threads/{thread}/stream?stream_mode=[\"lifecycle\",\"state_update\"]");
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("one"));
        await EditAsync(thread, "edited");
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("two"));

        (await RunAsync(stream))[^1].ShouldStartWith("end ");
        (await stream.NextAsync())!.Event.ShouldBe("state_update");
        (await RunAsync(stream))[0].ShouldStartWith("metadata ");
        (await RunAsync(lifecycle)).Count.ShouldBe(2);
        (await lifecycle.NextAsync())!.Event.ShouldBe("state_update");
        (await RunAsync(lifecycle)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Streams_without_the_mode_do_not_have_edits()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("one"));
        using var stream = await Root.JoinAsync($"/threads/{thread}/stream");
        await EditAsync(thread, "edited");
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("two"));

        (await RunAsync(stream))[0].ShouldStartWith("metadata ");
    }

    [Fact]
    public async Task Edits_that_are_refused_and_those_of_other_threads_are_not_shown()
    {
        var (thread, other) = (await Root.NewThreadAsync(), await Root.NewThreadAsync());
        foreach (var id in (string[])[thread, other])
        {
            await Root.PostAsync($"/threads/{id}/runs/wait", Bodies.Echo("one"));
        }

        using var stream = await Root.JoinAsync($"/threads/{thread}/stream?stream_mode=state_update");
        (await Root.PostAsync($"/threads/{thread}/state", """{"values":{"title":1}}""")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        await EditAsync(other, "other");
        await EditAsync(thread, "own");

        (await stream.NextAsync())!.Json.GetProperty("state").GetProperty("values").Text("title").ShouldBe("own");
    }

    [Fact]
    public async Task Edits_whose_graph_can_not_be_made_are_not_shown_and_logged_once()
    {
        const string run = """{"assistant_id":"picky","input":{}}""";
        var log = new RecordedLog();
        using var refused = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(add: weft =>
        {
            weft.Services.AddSingleton<ILoggerProvider>(log).AddHttpContextAccessor();
            weft.AddGraph(
                "picky",
                (services, _) =>
                {
                    if (services.GetRequiredService<IHttpContextAccessor>().HttpContext is { Request.Path.Value: { } path }
                        && path.EndsWith("/stream", StringComparison.Ordinal))
                    {
                        refused.Release();
                        throw new InvalidOperationException("Not for streams.");
                    }

                    return TestGraphs.Configured();
                },
                static graph => graph.CachedGraphsMax = 0);
        });
        var thread = await server.Root.NewThreadAsync();
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", run)).ShouldBeOk();
        using var stream = await server.Root.JoinAsync($"/threads/{thread}/stream?stream_mode=lifecycle&stream_mode=state_update");
        foreach (var actor in (string[])["a", "b"])
        {
            (await server.Root.PostAsync($"/threads/{thread}/state", $$$"""{"values":{"actor":"{{{actor}}}"}}""")).ShouldBeOk();
            // Otherwise the stream might join the call of the next request, which makes a graph.
            await refused.WaitAsync(TestContext.Current.CancellationToken).Within($"the stream to be refused the edit '{actor}'");
        }

        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", run)).ShouldBeOk();

        (await stream.NextAsync()).ShouldNotBeNull().Event.ShouldBe("metadata");
        var warning = $"An edit of thread {thread} is not streamed";
        log.Lines.Count(line => line.Level == LogLevel.Warning && line.Line.Contains(warning)).ShouldBe(1);
    }

    [Fact]
    public async Task A_stopping_server_lets_those_go_who_follow_a_thread()
    {
        var server = await TestServer.StartAsync(configure: options => options.HeartbeatInterval = TimeSpan.FromHours(1));
        using var stream = await server.Root.JoinAsync($"/threads/{await server.Root.NewThreadAsync()}/stream");

        await server.DisposeAsync();

        (await stream.ToEndAsync().Within("the stream to end")).ShouldBeEmpty();
    }

    private async Task EditAsync(string thread, string title) =>
        (await Root.PostAsync($"/threads/{thread}/state", $$$"""{"values":{"title":"{{{title}}}"}}""")).ShouldBeOk();

    /// <summary>The names and ids of the events of one run.</summary>
    private static async Task<List<string>> RunAsync(SseStream stream)
    {
        var events = new List<string>();
        do
        {
            var frame = (await stream.NextAsync())!;
            events.Add($"{frame.Event} {frame.Id}");
        }
        while (!events[^1].StartsWith("end ", StringComparison.Ordinal));

        return events;
    }
}
