using System.Net;
using System.Text.RegularExpressions;

namespace Weft.Server.Tests.Gateway;

public sealed partial class StreamTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_stream_has_the_gateways_headers()
    {
        var thread = NewId();
        using var stream = await Gateway.StreamAsync($"/threads/{thread}/runs/stream", Bodies.Echo());

        stream.Header("Content-Type").ShouldBe("text/event-stream");
        stream.Header("Cache-Control").ShouldBe("no-cache");
        stream.Header("Connection").ShouldBe("keep-alive");
        stream.Header("X-Accel-Buffering").ShouldBe("no");
        stream.Header("Content-Location")!.ShouldMatch($"^/api/threads/{thread}/runs/[0-9a-f-]{{36}}$");
        stream.Header("Location").ShouldBe($"/threads/{thread}/runs/{stream.Ids().RunId}/stream");
        await stream.ToEndAsync();
    }

    [Fact]
    public async Task Each_event_is_written_as_event_data_and_id()
    {
        using var stream = await Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Bodies.Echo("grüße"));

        var frames = await stream.ToEndAsync();

        frames.ShouldAllBe(frame => FrameForm().IsMatch(frame.Raw));
        frames[0].Event.ShouldBe("metadata");
        frames[0].Json.Text("run_id").ShouldBe(stream.Ids().RunId);
        frames[0].Json.Text("thread_id").ShouldBe(stream.Ids().ThreadId);
        frames.Single(frame => frame.Event == "values" && frame.Json.GetProperty("messages").GetArrayLength() == 2)
            .Data.ShouldContain("echo: grüße");
        frames[^1].Event.ShouldBe("end");
        frames[^1].Data.ShouldBe("null");
        var counters = frames.Select(frame => long.Parse(frame.Id!.Split('-')[1], null)).ToList();
        counters.ShouldBe(counters.Order());
        counters.Distinct().Count().ShouldBe(counters.Count);
    }

    [Fact]
    public async Task The_default_modes_are_values_and_messages()
    {
        var gate = Gates.New();
        gate.Open();
        using var stream = await Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Bodies.Gated(gate));

        var frames = await stream.ToEndAsync();

        frames.Select(frame => frame.Event).Distinct().ShouldBe(["metadata", "values", "messages", "end"], ignoreOrder: true);
        var chunks = frames.Where(frame => frame.Event == "messages")
            .Select(frame => frame.Json)
            .Where(json => json[0].Text("type") == "AIMessageChunk")
            .ToList();
        chunks.Select(json => json[0].Text("content")).ShouldBe(["one", " two"]);
        chunks.ShouldAllBe(json => json[1].Text("langgraph_node") == "speak");
    }

    [Theory]
    [InlineData("\"updates\"", "updates")]
    [InlineData("[\"custom\"]", "custom")]
    [InlineData("\"messages-tuple\"", "messages")]
    public async Task Only_the_modes_that_were_asked_for_are_streamed(string modes, string expected)
    {
        var gate = Gates.New();
        gate.Open();
        using var stream = await Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Bodies.Gated(gate, $",\"stream_mode\":{modes}"));

        (await stream.ToEndAsync()).Select(frame => frame.Event).Distinct().ShouldBe(["metadata", expected, "end"]);
    }

    [Fact]
    public async Task Events_arrive_while_the_run_goes_on()
    {
        var gate = Gates.New();
        using var stream = await Gateway.StreamAsync(
            $"/threads/{NewId()}/runs/stream", Bodies.Gated(gate, ""","stream_mode":["custom","updates"]"""));

        (await stream.UntilAsync("custom")).Data.ShouldBe("\"at the gate\"");
        await gate.EnteredAsync();
        gate.Open();

        (await stream.UntilAsync("end")).Data.ShouldBe("null");
    }

    [Fact]
    public async Task A_silent_stream_sends_heartbeat_comments()
    {
        await using var server = await TestServer.StartAsync(
            configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(50));
        var gate = server.Gates.New();
        using var stream = await server.Gateway.StreamAsync(
            $"/threads/{NewId()}/runs/stream", Bodies.Gated(gate, ""","stream_mode":"custom" """));
        await stream.UntilAsync("custom");

        for (var i = 0; i < 3; i++)
        {
            (await stream.LineAsync()).ShouldBe(": heartbeat");
            (await stream.LineAsync()).ShouldBe("");
        }

        gate.Open();
        (await stream.UntilAsync("end")).Data.ShouldBe("null");
    }

    [Fact]
    public async Task A_cancelled_run_ends_its_stream_with_cancel()
    {
        var gate = Gates.New();
        using var stream = await Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Bodies.Gated(gate));
        await gate.EnteredAsync();

        (await Gateway.PostAsync($"/threads/{stream.Ids().ThreadId}/runs/{stream.Ids().RunId}/cancel")).ShouldBeOk().Text.ShouldBe("{}");

        var last = (await stream.ToEndAsync())[^1];
        last.Event.ShouldBe("cancel");
        last.Data.ShouldBe("null");
        last.Id.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_failed_run_ends_its_stream_with_error()
    {
        using var stream = await Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Bodies.Failing());

        var last = (await stream.ToEndAsync())[^1];

        last.Event.ShouldBe("error");
        last.Json.ShouldBeJson("""{"error":"InvalidOperationException","name":"InvalidOperationException","message":"The tap is closed."}""");
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Joining_gives_everything_from_the_start(string method)
    {
        var gate = Gates.New();
        using var first = await Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Bodies.Gated(gate));
        await gate.EnteredAsync();

        using var joined = await Gateway.OpenAsync(
            new HttpMethod(method), $"/threads/{first.Ids().ThreadId}/runs/{first.Ids().RunId}/stream", null);
        gate.Open();

        joined.Header("Content-Location").ShouldBeNull();
        (await joined.ToEndAsync()).ShouldBe(await first.ToEndAsync());
    }

    [Fact]
    public async Task Joining_with_an_id_gives_what_came_after_it()
    {
        using var first = await Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Bodies.Echo());
        var frames = await first.ToEndAsync();
        var path = $"/threads/{first.Ids().ThreadId}/runs/{first.Ids().RunId}/stream";

        foreach (var (lastEventId, expected) in new (string, IEnumerable<SseFrame>)[]
        {
            (frames[0].Id!, frames[1..]),
            (frames[^2].Id!, frames[^1..]),
            ("-1", frames),
            ("never-heard-of-it", frames),
        })
        {
            using var joined = await Gateway.JoinAsync(path, ("Last-Event-ID", lastEventId));
            (await joined.ToEndAsync()).ShouldBe(expected, lastEventId);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Joining_with_an_id_that_this_run_has_not_gives_everything(bool resumable)
    {
        using var first = await Gateway.StreamAsync(
            $"/threads/{NewId()}/runs/stream", Bodies.Echo(more: resumable ? ""","stream_resumable":true""" : ""));
        var frames = await first.ToEndAsync();
        var path = $"/threads/{first.Ids().ThreadId}/runs/{first.Ids().RunId}/stream";
        var (ms, last) = (frames[1].Id!.Split('-')[0], long.Parse(frames[^1].Id!.Split('-')[1], null));

        foreach (var id in (string[])[$"{ms}-{last + 1}", $"{last + 1}", "1767323045678-1", "1-0", "-", "--1", "abc", "1-", "x-1", "9999999999999999999999-0"])
        {
            using var joined = await Gateway.JoinAsync(path, ("Last-Event-ID", id));
            (await joined.ToEndAsync()).ShouldBe(frames, id);
        }
    }

    [Fact]
    public async Task Joining_with_the_id_of_an_event_that_is_gone_tells_how_many_are()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options => options.StreamBytesMax = 1);
        using var first = await server.Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Bodies.Echo());
        var frames = await first.ToEndAsync();
        var events = frames.Where(frame => frame.Event != "gap").ToList();

        foreach (var id in (string[])[events[^1].Id!.Split('-')[0] + "-0", "-1", "abc"])
        {
            using var joined = await server.Gateway.JoinAsync(
                $"/threads/{first.Ids().ThreadId}/runs/{first.Ids().RunId}/stream", ("Last-Event-ID", id));
            var rejoined = await joined.ToEndAsync();

            rejoined[0].Event.ShouldBe("gap");
            rejoined[0].Json.GetProperty("missed").GetInt32().ShouldBeGreaterThan(0);
            rejoined[1..].ShouldBe(events[^(rejoined.Count - 1)..]);
        }
    }

    [Fact]
    public async Task Joining_after_the_last_event_ends_at_once()
    {
        using var first = await Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Bodies.Echo());
        var frames = await first.ToEndAsync();

        using var joined = await Gateway.JoinAsync(
            $"/threads/{first.Ids().ThreadId}/runs/{first.Ids().RunId}/stream", ("Last-Event-ID", frames[^1].Id!));

        (await joined.ToEndAsync()).Where(frame => frame.Event != "end").ShouldBeEmpty();
    }

    [Fact]
    public async Task Joining_can_ask_for_some_of_the_modes()
    {
        using var first = await Gateway.StreamAsync(
            $"/threads/{NewId()}/runs/stream", Bodies.Echo(more: ""","stream_mode":["values","updates"]"""));
        await first.ToEndAsync();

        using var joined = await Gateway.JoinAsync($"/threads/{first.Ids().ThreadId}/runs/{first.Ids().RunId}/stream?stream_mode=updates");

        (await joined.ToEndAsync()).Select(frame => frame.Event).ShouldBe(["metadata", "updates", "end"]);
    }

    [Theory]
    [InlineData("GET", "interrupt")]
    [InlineData("POST", "rollback")]
    public async Task Joining_with_an_action_cancels_first(string method, string action)
    {
        var gate = Gates.New();
        var run = (await Gateway.PostAsync($"/threads/{NewId()}/runs", Bodies.Gated(gate))).Json;
        await gate.EnteredAsync();

        using var stream = await Gateway.OpenAsync(
            new HttpMethod(method), $"/threads/{run.Text("thread_id")}/runs/{run.Text("run_id")}/stream?action={action}", null);

        (await stream.ToEndAsync())[^1].Event.ShouldBe("cancel");
        await gate.CancelledAsync();
    }

    [Theory]
    [InlineData("GET", "true")]
    [InlineData("POST", "1")]
    public async Task Joining_with_an_action_and_wait_answers_nothing_once_the_run_has_ended(string method, string wait)
    {
        var gate = Gates.New();
        var path = (await Gateway.PostAsync($"/threads/{NewId()}/runs", Bodies.Gated(gate))).RunPath;
        await gate.EnteredAsync();

        var answer = await Gateway.SendAsync(new HttpMethod(method), $"{path}/stream?action=interrupt&wait={wait}", null);

        answer.ShouldBe(HttpStatusCode.NoContent).Text.ShouldBeEmpty();
        (await Gateway.GetAsync(path)).String("status").ShouldBe("interrupted");
    }

    [Fact]
    public async Task Joining_with_an_action_conflicts_when_the_run_has_ended()
    {
        var path = (await Gateway.PostAsync($"/threads/{NewId()}/runs/wait", Bodies.Echo())).RunPath;

        (await Gateway.PostAsync(path + "/stream?action=interrupt"))
            .ShouldBe(HttpStatusCode.Conflict)
            .Detail.ShouldBe($"Run {path.Split('/')[^1]} is not cancellable");
        (await Gateway.PostAsync(path + "/stream?action=stop")).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task By_default_a_run_is_cancelled_when_its_client_goes_away()
    {
        var gate = Gates.New();
        var stream = await Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Bodies.Gated(gate));
        await gate.EnteredAsync();

        stream.Dispose();

        await gate.CancelledAsync();
    }

    [Fact]
    public async Task A_run_goes_on_without_its_client_when_the_body_says_so()
    {
        var gate = Gates.New();
        var stream = await Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Bodies.Gated(gate, ""","on_disconnect":"continue" """));
        await gate.EnteredAsync();
        stream.Dispose();

        gate.Open();

        (await Gateway.GetAsync($"/threads/{stream.Ids().ThreadId}/runs/{stream.Ids().RunId}/join"))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["go", "begun", "one two"]);
    }

    [Fact]
    public async Task A_joiner_that_goes_away_cancels_the_run_only_when_it_said_so()
    {
        var gate = Gates.New();
        var path = (await Gateway.PostAsync($"/threads/{NewId()}/runs", Bodies.Gated(gate))).RunPath;
        await gate.EnteredAsync();
        (await Gateway.JoinAsync(path + "/stream")).Dispose();
        (await Gateway.GetAsync(path)).String("status").ShouldBe("running");

        (await Gateway.JoinAsync(path + "/stream?cancel_on_disconnect=true")).Dispose();

        await gate.CancelledAsync();
    }

    [GeneratedRegex(@"^event: [a-z/]+\ndata: [^\n]+\nid: \d{13}-\d+$")]
    private static partial Regex FrameForm();
}
