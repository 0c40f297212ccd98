using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Weft.Server.Tests.Platform;

public sealed class StreamTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Ids_count_from_zero_and_end_tells_the_run_and_its_status()
    {
        var thread = await Root.NewThreadAsync();
        using var stream = await Root.StreamAsync($"/threads/{thread}/runs/stream", Bodies.Echo());

        var frames = await stream.ToEndAsync();

        stream.Header("Content-Location").ShouldBe($"/threads/{thread}/runs/{stream.Ids().RunId}");
        stream.Header("Location").ShouldBe($"/threads/{thread}/runs/{stream.Ids().RunId}/stream");
        frames.Select(frame => frame.Id).ShouldBe(
            Enumerable.Range(0, frames.Count).Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        frames.Select(frame => frame.Event).Distinct().ShouldBe(["metadata", "values", "end"]);
        frames[0].Json.GetProperty("attempt").GetInt32().ShouldBe(1);
        frames[^1].Json.ShouldBeJson($$"""{"run_id":"{{stream.Ids().RunId}}","status":"success"}""");
    }

    [Fact]
    public async Task Updates_name_the_node_and_what_it_wrote()
    {
        using var stream = await Root.StreamAsync("/runs/stream", Bodies.Echo(more: ""","stream_mode":["updates"]"""));

        (await stream.UntilAsync("updates")).Json.GetProperty("answer").Texts().ShouldBe(["echo: hi"]);
    }

    [Fact]
    public async Task Several_modes_come_in_one_stream()
    {
        var gate = Gates.New();
        gate.Open();
        using var stream = await Root.StreamAsync(
            "/runs/stream", Bodies.Gated(gate, ""","stream_mode":["values","updates","messages-tuple","custom"]"""));

        var frames = await stream.ToEndAsync();

        frames.Select(frame => frame.Event)
            .Distinct()
            .ShouldBe(["metadata", "values", "updates", "messages", "custom", "end"], ignoreOrder: true);
        var streamed = frames.Where(frame => frame.Event == "messages")
            .Select(frame => frame.Json[0])
            .Where(message => message.Text("type") == "AIMessageChunk")
            .ToList();
        string.Concat(streamed.Select(chunk => chunk.Text("content"))).ShouldBe("one two");
        var saved = frames.Last(frame => frame.Event == "values").Json.GetProperty("messages")[2];
        streamed.Select(chunk => chunk.Text("id")).Distinct().ShouldBe([saved.Text("id")]);
    }

    [Fact]
    public async Task A_cancelled_run_ends_with_end_and_its_status()
    {
        var gate = Gates.New();
        using var stream = await Root.StreamAsync($"/threads/{await Root.NewThreadAsync()}/runs/stream", Bodies.Gated(gate));
        await gate.EnteredAsync();

        await Root.PostAsync($"/threads/{stream.Ids().ThreadId}/runs/{stream.Ids().RunId}/cancel");

        (await stream.UntilAsync("end")).Json.Text("status").ShouldBe("interrupted");
    }

    [Fact]
    public async Task A_failed_run_ends_with_error_and_then_end()
    {
        using var stream = await Root.StreamAsync($"/threads/{await Root.NewThreadAsync()}/runs/stream", Bodies.Failing());

        var frames = await stream.ToEndAsync();

        frames[^2].Event.ShouldBe("error");
        frames[^2].Json.Text("message").ShouldBe("The tap is closed.");
        frames[^1].Event.ShouldBe("end");
        frames[^1].Json.Text("status").ShouldBe("error");
        (await Root.GetAsync($"/threads/{stream.Ids().ThreadId}/runs/{stream.Ids().RunId}")).String("status").ShouldBe("error");
    }

    [Fact]
    public async Task A_run_has_ended_in_the_store_before_its_stream_ends()
    {
        using var stream = await Root.StreamAsync($"/threads/{await Root.NewThreadAsync()}/runs/stream", Bodies.Echo());

        await stream.UntilAsync("end");

        (await Root.GetAsync($"/threads/{stream.Ids().ThreadId}/runs/{stream.Ids().RunId}")).String("status").ShouldBe("success");
        (await Root.GetAsync($"/threads/{stream.Ids().ThreadId}")).String("status").ShouldBe("idle");
    }

    [Fact]
    public async Task A_run_goes_on_when_its_client_goes_away_and_can_be_joined_again()
    {
        var gate = Gates.New();
        var stream = await Root.StreamAsync($"/threads/{await Root.NewThreadAsync()}/runs/stream", Bodies.Gated(gate));
        var first = (await stream.NextAsync())!;
        await gate.EnteredAsync();
        stream.Dispose();

        using var joined = await Root.JoinAsync(stream.Header("Location")!, ("Last-Event-ID", first.Id!));
        gate.Open();

        var frames = await joined.ToEndAsync();
        frames[0].Id.ShouldBe("1");
        frames[^1].Json.Text("status").ShouldBe("success");
    }

    [Fact]
    public async Task A_run_is_cancelled_when_its_client_goes_away_and_had_asked_for_it()
    {
        var gate = Gates.New();
        var stream = await Root.StreamAsync("/runs/stream", Bodies.Gated(gate, ""","on_disconnect":"cancel" """));
        await gate.EnteredAsync();

        stream.Dispose();

        await gate.CancelledAsync();
    }

    [Fact]
    public async Task Joining_without_an_id_gives_only_what_is_new_once_somebody_has_read()
    {
        var gate = Gates.New();
        using var first = await Root.StreamAsync(
            $"/threads/{await Root.NewThreadAsync()}/runs/stream", Bodies.Gated(gate, ""","stream_mode":["custom","updates"]"""));
        await first.UntilAsync("custom");

        using var joined = await Root.JoinAsync(first.Header("Location")!);
        gate.Open();

        (await joined.ToEndAsync()).Select(frame => frame.Event).ShouldBe(["updates", "end"]);
    }

    [Fact]
    public async Task Joining_a_background_run_first_gives_everything()
    {
        var gate = Gates.New();
        var run = await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();
        gate.Open();

        using var joined = await Root.JoinAsync(run.RunPath + "/stream");

        (await joined.ToEndAsync())[0].Event.ShouldBe("metadata");
    }

    [Theory]
    [InlineData("-1", 0)]
    [InlineData("1", 2)]
    [InlineData("-5", 0)]
    [InlineData("--", 0)]
    [InlineData("x-1", 0)]
    [InlineData("1767323045678-1", 2)]
    [InlineData("1-2-1", 0)]
    [InlineData("99999999999999999999", 0)]
    public async Task A_finished_run_is_replayed_after_the_given_id(string lastEventId, int firstId)
    {
        using var stream = await Root.StreamAsync($"/threads/{await Root.NewThreadAsync()}/runs/stream", Bodies.Echo());
        var frames = await stream.ToEndAsync();

        using var joined = await Root.JoinAsync(stream.Header("Location")!, ("Last-Event-ID", lastEventId));

        (await joined.ToEndAsync()).ShouldBe(frames[firstId..]);
    }

    [Fact]
    public async Task A_stateless_run_can_be_joined_by_its_id_alone()
    {
        var gate = Gates.New();
        using var stream = await Root.StreamAsync("/runs/stream", Bodies.Gated(gate));
        await gate.EnteredAsync();

        using var joined = await Root.JoinAsync($"/runs/{stream.Ids().RunId}/stream", ("Last-Event-ID", "-1"));
        gate.Open();

        (await joined.ToEndAsync()).ShouldBe(await stream.ToEndAsync());
    }

    [Fact]
    public async Task A_stateless_run_that_has_ended_can_be_joined_although_its_thread_was_deleted()
    {
        var run = (await Root.PostAsync("/runs", Bodies.Echo())).ShouldBeOk();
        var path = await EndedAsync(run);

        using var first = await Root.JoinAsync($"/runs/{run.RunId}/stream");
        var frames = await first.ToEndAsync();
        using var again = await Root.JoinAsync(first.Header("Location")!, ("Last-Event-ID", "-1"));
        using var rest = await Root.JoinAsync($"/runs/{run.RunId}/stream", ("Last-Event-ID", frames[1].Id!));
        using var ofGateway = await Gateway.JoinAsync($"{path}/stream");
        using var posted = await Gateway.StreamAsync($"{path}/stream", "");

        frames[0].Event.ShouldBe("metadata");
        frames.Last(frame => frame.Event == "values").Json.Texts().ShouldBe(["hi", "echo: hi"]);
        frames[^1].Event.ShouldBe("end");
        (await again.ToEndAsync()).ShouldBe(frames);
        (await rest.ToEndAsync()).ShouldBe(frames[2..]);
        (await ofGateway.ToEndAsync()).Count.ShouldBe(frames.Count);
        (await posted.ToEndAsync()).Count.ShouldBe(frames.Count);
        (await Root.GetAsync($"{path}/join")).ShouldBeOk().Json.Texts().ShouldBe(["hi", "echo: hi"]);
        (await Gateway.GetAsync($"{path}/join")).ShouldBeOk().Json.Texts().ShouldBe(["hi", "echo: hi"]);
    }

    [Fact]
    public async Task Only_joins_find_a_stateless_run_that_has_ended()
    {
        var run = (await Root.PostAsync("/runs", Bodies.Echo())).ShouldBeOk();
        var path = await EndedAsync(run);

        (await Root.GetAsync(path)).ShouldBe(HttpStatusCode.NotFound);
        (await Root.DeleteAsync(path)).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PostAsync($"{path}/cancel")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/threads/{NewId()}/runs/{run.RunId}/stream")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/threads/{NewId()}/runs/{run.RunId}/join")).ShouldBe(HttpStatusCode.NotFound);
        (await Gateway.GetAsync($"{path}/stream?action=interrupt")).ShouldBe(HttpStatusCode.NotFound);
        (await Gateway.GetAsync($"{path}/messages")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_result_of_a_stateless_run_that_has_ended_is_that_of_its_log()
    {
        var asking = (await Root.PostAsync("/runs", Bodies.Asking())).ShouldBeOk();
        var failing = (await Root.PostAsync("/runs", Bodies.Failing())).ShouldBeOk();
        var silent = (await Root.PostAsync("/runs", Bodies.Echo(more: ""","stream_mode":"custom" """))).ShouldBeOk();

        var asked = (await Root.GetAsync($"{await EndedAsync(asking)}/join")).ShouldBeOk().Json;
        asked.GetProperty("__interrupt__")[0].Text("value").ShouldBe("which one?");
        asked.GetProperty("messages").GetArrayLength().ShouldBe(0);
        var failed = (await Root.GetAsync($"{await EndedAsync(failing)}/join")).ShouldBeOk().Json;
        failed.GetProperty("__error__").Text("error").ShouldNotBeEmpty();
        (await Root.GetAsync($"{await EndedAsync(silent)}/join")).ShouldBeOk().Json.ShouldBeJson("{}");
    }

    [Fact]
    public async Task The_log_of_a_stateless_run_is_kept_no_longer_than_others()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options => options.EndedStreamsMax = 1);
        var run = (await server.Root.PostAsync("/runs", Bodies.Echo())).ShouldBeOk();
        var path = await EndedAsync(run, server.Root);
        (await server.Root.GetAsync($"/runs/{run.RunId}/stream")).ShouldBeOk();

        (await server.Root.PostAsync($"/threads/{await server.Root.NewThreadAsync()}/runs/wait", Bodies.Echo())).ShouldBeOk();

        (await server.Root.GetAsync($"/runs/{run.RunId}/stream")).ShouldBe(HttpStatusCode.NotFound);
        (await server.Root.GetAsync($"{path}/join")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Heartbeats_are_one_comment_line_and_no_event()
    {
        await using var server = await TestServer.StartAsync(
            configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(50));
        var gate = server.Gates.New();
        using var stream = await server.Root.StreamAsync("/runs/stream", Bodies.Gated(gate, ""","stream_mode":"custom" """));
        await stream.UntilAsync("custom");

        (await stream.LineAsync()).ShouldBe(": heartbeat");
        (await stream.LineAsync()).ShouldBe(": heartbeat");

        gate.Open();
        (await stream.UntilAsync("end")).Json.Text("status").ShouldBe("success");
    }

    [Fact]
    public async Task A_heartbeat_comes_one_interval_after_the_last_byte()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(time: time);
        var gate = server.Gates.New();
        using var stream = await server.Root.StreamAsync("/runs/stream", Bodies.Gated(gate, ""","stream_mode":"custom" """));
        await stream.UntilAsync("custom");
        await gate.EnteredAsync();

        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            (await stream.LineAsync()).ShouldBe(": heartbeat");
        }

        gate.Open();
        (await stream.UntilAsync("end")).Json.Text("status").ShouldBe("success");
    }

    [Fact]
    public async Task Between_two_runs_of_a_thread_a_heartbeat_comes_as_soon()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(time: time);
        var thread = await server.Root.NewThreadAsync();
        using var stream = await server.Root.JoinAsync($"/threads/{thread}/stream");
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).ShouldBeOk();
        await stream.UntilAsync("end");

        var line = stream.LineAsync();
        while (!line.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await line).ShouldBe(": heartbeat");
    }

    [Fact]
    public async Task The_terminal_event_can_be_turned_off()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.SendEndEvent = false);
        using var stream = await server.Root.StreamAsync("/runs/stream", Bodies.Echo());

        (await stream.ToEndAsync())[^1].Event.ShouldBe("values");
    }

    /// <summary>Waits until a stateless run has ended, and its thread is deleted. Returns the path of the run.</summary>
    private async Task<string> EndedAsync(Answer run, Api? api = null)
    {
        var thread = $"/threads/{run.String("thread_id")}";
        (await (api ?? Root).GetAsync($"{thread}/runs/{run.RunId}/join")).ShouldBeOk();
        (await (api ?? Root).GetAsync(thread)).ShouldBe(HttpStatusCode.NotFound);
        return $"{thread}/runs/{run.RunId}";
    }
}
