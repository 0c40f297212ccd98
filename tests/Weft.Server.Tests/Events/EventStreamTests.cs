using System.Net;
using System.Text.Json;
using static Weft.Server.Tests.EventCalls;

namespace Weft.Server.Tests.Events;

public sealed class EventStreamTests(SharedServer shared) : ServerTests(shared)
{
    private const string Hello = """{"messages":[{"role":"user","content":"hello","id":"m"}]}""";

    [Fact]
    public async Task The_events_of_a_run_come_in_the_order_that_clients_rely_on()
    {
        var events = await Root.PlayAsync("echo", Hello);

        events.Select(frame => frame.Short()).ShouldBe(
        [
            "lifecycle running",
            "checkpoints",
            "values",
            "tasks start answer",
            "messages message-start",
            "messages content-block-start",
            "messages content-block-delta",
            "messages content-block-finish",
            "messages message-finish",
            "updates answer",
            "tasks result answer",
            "checkpoints",
            "values",
            "lifecycle completed",
        ]);
        var run = events[0].Id!.Split(':')[1];
        events[0].Id.ShouldBe($"synth:{run}:running");
        events[^1].Id.ShouldBe($"synth:{run}:completed");
        events.Skip(1).SkipLast(1).ShouldAllBe(frame => frame.Id!.StartsWith(run + ":", StringComparison.Ordinal));
        events.Select(frame => frame.Id).Distinct().Count().ShouldBe(events.Count);
        events.Select(frame => frame.Seq()).ShouldBe(events.Select(frame => frame.Seq()).Order());
        events[0].Data().ShouldBeJson("""{"event":"running","graph_name":"echo"}""");
        events[^1].Data().ShouldBeJson("""{"event":"completed","graph_name":"echo"}""");
    }

    [Fact]
    public async Task A_graph_without_a_name_has_that_of_its_node()
    {
        var events = await Root.PlayAsync("nested", """{"messages":[]}""");

        events.Where(frame => frame.Event == "lifecycle" && frame.Namespace().Length == 1 && frame.Data().Text("event") == "started")
            .Select(frame => frame.Data().Text("graph_name"))
            .ShouldBe(["remember", "inner"]);
    }

    [Fact]
    public async Task An_event_has_the_members_of_the_protocol()
    {
        var events = await Root.PlayAsync("echo", Hello);

        foreach (var frame in events)
        {
            frame.Json.Names().ShouldBe(["type", "event_id", "seq", "method", "params"]);
            frame.Json.Text("type").ShouldBe("event");
            frame.Json.Text("method").ShouldBe(frame.Event);
            frame.Json.Text("event_id").ShouldBe(frame.Id);
            frame.Json.GetProperty("params").GetProperty("timestamp").GetInt64().ShouldBeGreaterThan(1_700_000_000_000);
        }

        var checkpoints = events.Where(frame => frame.Event == "checkpoints").Select(frame => frame.Data()).ToList();
        checkpoints.Select(data => data.GetProperty("step").GetInt32()).ShouldBe([0, 1]);
        checkpoints[1].Text("parent_id").ShouldBe(checkpoints[0].Text("id"));
        checkpoints[1].Text("source").ShouldBe("loop");
        var update = events.Single(frame => frame.Event == "updates");
        update.Json.GetProperty("params").Text("node").ShouldBe("answer");
        update.Data().Text("node").ShouldBe("answer");
        update.Data().GetProperty("values").Texts().ShouldBe(["echo: hello"]);
        events.Last(frame => frame.Event == "values").Data().Texts().ShouldBe(["hello", "echo: hello"]);
    }

    [Fact]
    public async Task A_client_that_comes_late_gets_byte_for_byte_what_an_early_one_got()
    {
        foreach (var (assistant, input) in ((string, string)[])[("echo", Hello), ("showing", "{}"), ("outer", "{}"), ("workflow", "\"topic\"")])
        {
            var thread = await Root.NewThreadAsync();
            using var early = await Root.EventsAsync(thread);
            await Root.StartAsync(thread, assistant, input);
            var live = await early.RunAsync();

            var late = await Root.ReplayAsync(thread);

            late.Select(frame => frame.Raw).ShouldBe(live.Select(frame => frame.Raw), assistant);
        }
    }

    [Fact]
    public async Task A_stream_outlives_its_runs_and_shows_those_of_the_first_protocol()
    {
        var thread = await Root.NewThreadAsync();
        using var stream = await Root.EventsAsync(thread);
        var first = await Root.StartAsync(thread, "echo", Hello);
        var one = await stream.RunAsync();

        var second = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("again"))).ShouldBeOk().RunId;

        var two = await stream.RunAsync();
        two[0].Id.ShouldBe($"synth:{second}:running");
        two[^1].Id.ShouldBe($"synth:{second}:completed");
        two[0].Seq().ShouldBeGreaterThan(one[^1].Seq());
        one.Concat(two).Select(frame => frame.Id).Distinct().Count().ShouldBe(one.Count + two.Count);
        using var older = await Root.JoinAsync($"/threads/{thread}/runs/{first}/stream", ("Last-Event-ID", "-1"));
        (await older.ToEndAsync()).Select(frame => frame.Event).Distinct().ShouldContain("values");
    }

    [Fact]
    public async Task A_failing_node_fails_the_run_with_its_reason()
    {
        var events = await Root.PlayAsync("failing", """{"fail":true}""");

        var end = events[^1].Data();
        end.Text("event").ShouldBe("failed");
        end.Text("error").ShouldContain("tap");
        events[^2].Short().ShouldBe("tasks result work");
        events[^2].Data().Text("error").ShouldContain("tap");
    }

    [Fact]
    public async Task A_cancelled_run_is_interrupted_and_its_status_is_stored_by_then()
    {
        var thread = NewThread();
        var gate = Gates.New();
        var run = await Root.StartAsync(thread, "gated", $$"""{"gate":"{{gate.Name}}","messages":[]}""");
        await gate.EnteredAsync();
        using var stream = await Root.EventsAsync(thread, """{"channels":["lifecycle"]}""");
        (await stream.NextAsync())!.Data().Text("event").ShouldBe("running");

        await Root.PostAsync($"/threads/{thread}/runs/{run}/cancel");

        var end = (await stream.NextAsync())!;
        end.Data().ShouldBeJson("""{"event":"interrupted","graph_name":"gated"}""");
        (await Root.GetAsync($"/threads/{thread}/runs/{run}")).String("status").ShouldBe("interrupted");
    }

    [Fact]
    public async Task Messages_are_streamed_in_blocks()
    {
        var events = await Root.PlayAsync("showing");

        var messages = events.Where(frame => frame.Event == "messages").ToList();
        messages.ShouldAllBe(frame => frame.Json.GetProperty("params").GetProperty("node").GetString() == "model");
        messages.ShouldAllBe(frame => frame.Data().Text("message_id") == "m-1" && frame.Data().Text("run_id") == "m-1");
        var start = messages[0].Data();
        start.Text("role").ShouldBe("ai");
        start.Text("id").ShouldBe("m-1");
        start.GetProperty("metadata").Text("provider").ShouldBe("acme");
        start.GetProperty("metadata").Text("langgraph_node").ShouldBe("model");
        messages.Skip(1).Select(frame => Block(frame.Data())).ShouldBe(
        [
            """content-block-start 0 {"type":"reasoning","reasoning":""}""",
            """content-block-delta 0 {"type":"reasoning-delta","reasoning":"Hm."}""",
            """content-block-finish 0 {"type":"reasoning","reasoning":"Hm."}""",
            """content-block-start 1 {"type":"text","text":""}""",
            """content-block-delta 1 {"type":"text-delta","text":"Rome "}""",
            """content-block-delta 1 {"type":"text-delta","text":"is"}""",
            """content-block-finish 1 {"type":"text","text":"Rome is"}""",
            """content-block-start 2 {"type":"tool_call_chunk","id":"call-1","name":"look","args":""}""",
            """content-block-delta 2 {"type":"tool-call-delta","args":"{\"q\":"}""",
            """content-block-delta 2 {"type":"tool-call-delta","args":"\"rome\"}"}""",
            """content-block-finish 2 {"type":"tool_call","id":"call-1","name":"look","args":{"q":"rome"}}""",
            "message-finish",
        ]);
        var finish = messages[^1].Data();
        finish.Text("reason").ShouldBe("tool_calls");
        finish.GetProperty("usage").GetProperty("total_tokens").GetInt32().ShouldBe(13);
    }

    [Fact]
    public async Task The_data_of_an_image_comes_between_its_start_and_its_finish()
    {
        var thread = await Root.NewThreadAsync();
        using var stream = await Root.EventsAsync(thread, """{"channels":["messages","lifecycle"]}""");
        await Root.StartAsync(thread, "drawing");
        var live = (await stream.RunAsync()).Where(frame => frame.Event == "messages").ToList();

        live.Skip(1).SkipLast(1).Select(frame => Block(frame.Data())).ShouldBe(
        [
            """content-block-start 0 {"type":"image","mime_type":"image/png"}""",
            """content-block-delta 0 {"type":"data-delta","encoding":"base64","data":"iVBORw0K"}""",
            """content-block-finish 0 {"type":"image","mime_type":"image/png","data":"iVBORw0K"}""",
        ]);
        live.ShouldAllBe(frame => frame.Data().Text("message_id") == "m-1");
        var replayed = await Root.ReplayAsync(thread, """{"channels":["messages","lifecycle"]}""");
        replayed.Where(frame => frame.Event == "messages").Select(frame => frame.Raw).ShouldBe(live.Select(frame => frame.Raw));
    }

    [Fact]
    public async Task A_message_whose_node_fails_ends_with_an_error()
    {
        var events = await Root.PlayAsync("showing", """{"fail":true}""");

        var last = events.Last(frame => frame.Event == "messages").Data();
        last.Text("event").ShouldBe("error");
        last.Text("message").ShouldContain("The model is gone.");
        last.Text("message_id").ShouldBe("m-1");
    }

    [Fact]
    public async Task Tools_and_custom_channels_are_shown()
    {
        var events = await Root.PlayAsync("showing");

        events.Where(frame => frame.Event == "custom").Select(frame => frame.Data().GetRawText())
            .ShouldBe(["""{"payload":{"percent":10}}""", """{"name":"progress","payload":50}"""]);
        events.Where(frame => frame.Event == "tools").ShouldAllBe(frame => frame.Json.GetProperty("params").Text("node") == "tools");
        var tools = events.Where(frame => frame.Event == "tools").Select(frame => frame.Data()).ToList();
        tools[0].ShouldBeJson("""{"event":"tool-started","tool_call_id":"call-1","tool_name":"look","input":{"q":"rome"}}""");
        tools[1].ShouldBeJson("""{"event":"tool-output-delta","tool_call_id":"call-1","delta":"half"}""");
        tools[2].Text("delta").ShouldBe("""{"done":true}""");
        tools[3].Text("event").ShouldBe("tool-finished");
        tools[3].GetProperty("output").Text("content").ShouldBe("42");
    }

    [Fact]
    public async Task Graphs_inside_start_before_their_events_and_end_after_them()
    {
        var events = await Root.PlayAsync("nested", """{"messages":[]}""");

        foreach (var place in events.Select(frame => string.Join('|', frame.Namespace())).Where(place => place.Length > 0).Distinct())
        {
            var own = events.Where(frame => string.Join('|', frame.Namespace()) == place).ToList();
            own[0].Short().ShouldEndWith("lifecycle started", customMessage: place);
            own[^1].Event.ShouldBe("lifecycle", place);
            own[^1].Data().Text("event").ShouldBe(place.StartsWith("inner", StringComparison.Ordinal) ? "interrupted" : "completed");
        }
    }

    [Fact]
    public async Task Any_filter_shows_exactly_what_matches_it()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "outer");
        var all = await Root.ReplayAsync(thread);
        var random = new Random(11);
        var places = all.Select(frame => frame.Namespace()).Append([]).Append(["sub"]).Append(["other"]).Append(["sub:x"]).ToList();
        string[] channels = ["values", "updates", "messages", "tools", "input", "checkpoints", "tasks", "custom", "custom:x", "unknown"];
        for (var i = 0; i < 60; i++)
        {
            var wanted = channels.Where(_ => random.Next(2) == 0).Append("lifecycle").ToList();
            var prefixes = Enumerable.Range(0, random.Next(3)).Select(_ => places[random.Next(places.Count)]).Append([]).Skip(random.Next(2)).ToList();
            int? depth = random.Next(2) == 0 ? random.Next(3) : null;
            long? since = random.Next(3) == 0 ? all[random.Next(all.Count - 1)].Seq() : null;
            var filter = JsonSerializer.Serialize(new { channels = wanted, namespaces = prefixes, depth, since });
            var expected = all.Where(frame => Matches(frame, wanted, prefixes, depth) && frame.Seq() > (since ?? 0)).Select(frame => frame.Id).ToList();
            if (expected is [.., var last] && last == all[^1].Id)
            {
                (await Root.ReplayAsync(thread, filter)).Select(frame => frame.Id).ShouldBe(expected, filter);
            }
        }
    }

    [Fact]
    public async Task A_named_custom_channel_shows_that_alone()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "showing");
        await Root.ReplayAsync(thread);

        var named = await Root.ReplayAsync(thread, """{"channels":["custom:progress","lifecycle"]}""");

        named.Where(frame => frame.Event == "custom").Single().Data().Text("name").ShouldBe("progress");
    }

    [Theory]
    [InlineData("[]", "body")]
    [InlineData("{}", "channels")]
    [InlineData("""{"channels":[]}""", "channels")]
    [InlineData("""{"channels":"values"}""", "channels")]
    [InlineData("""{"channels":[7]}""", "channels")]
    [InlineData("""{"channels":["values"],"namespaces":["a"]}""", "namespaces")]
    [InlineData("""{"channels":["values"],"namespaces":[[1]]}""", "namespaces")]
    [InlineData("""{"channels":["values"],"depth":-1}""", "depth")]
    [InlineData("""{"channels":["values"],"depth":"1"}""", "depth")]
    [InlineData("""{"channels":["values"],"since":-1}""", "since")]
    [InlineData("""{"channels":["values"],"since":1.5}""", "since")]
    public async Task A_wrong_filter_is_refused_with_its_field(string filter, string field)
    {
        var answer = await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/stream/events", filter);

        answer.ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldStartWith(field);
    }

    [Fact]
    public async Task Too_many_namespaces_an_unknown_thread_and_a_plain_get_are_refused()
    {
        var thread = await Root.NewThreadAsync();
        var many = string.Join(',', Enumerable.Range(0, 101).Select(i => $"[\"n{i}\"]"));
        (await Root.PostAsync($"/threads/{thread}/stream/events", $$"""{"channels":["values"],"namespaces":[{{many}}]}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain("100");
        (await Root.PostAsync($"/threads/{NewThread()}/stream/events", AllChannels)).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/threads/{thread}/stream/events")).ShouldBe(HttpStatusCode.UpgradeRequired);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_number_from_the_future_is_refused(bool hasRun)
    {
        var thread = await Root.NewThreadAsync();
        if (hasRun)
        {
            await Root.StartAsync(thread, "echo", Hello);
            await Root.ReplayAsync(thread);
        }

        using var client = await SocketClient.OpenAsync(Root, thread);
        var id = 0;
        foreach (var since in (long[])[9007199254740991, 4503599627370496, 3L << 33])
        {
            var filter = $$"""{"channels":["lifecycle"],"since":{{since}}}""";
            (await Root.PostAsync($"/threads/{thread}/stream/events", filter))
                .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldStartWith("since: ");
            var refused = await client.CommandAsync(++id, "subscription.subscribe", filter);
            refused.Text("error").ShouldBe("invalid_argument");
            refused.Text("message").ShouldStartWith("params.since: ");
        }

        // That of the answer to a command, which comes before the events of its run.
        var answer = await Root.CommandAsync(thread, "run.start", $$"""{"assistant_id":"echo","input":{{Hello}}}""");
        var through = answer.GetProperty("meta").GetProperty("applied_through_seq").GetInt64();
        var shown = await Root.ReplayAsync(thread, $$"""{{AllChannels[..^1]}},"since":{{through}}}""");
        shown[0].Data().Text("event").ShouldBe("running");
        shown[^1].Data().Text("event").ShouldBe("completed");
    }

    [Fact]
    public async Task A_client_goes_on_after_the_last_id_that_it_has()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "echo", Hello);
        var all = await Root.ReplayAsync(thread);

        for (var i = 0; i < all.Count - 1; i++)
        {
            using var rest = await Root.StreamAsync($"/threads/{thread}/stream/events", AllChannels, ("Last-Event-ID", all[i].Id!));
            (await rest.RunAsync()).Select(frame => frame.Raw).ShouldBe(all.Skip(i + 1).Select(frame => frame.Raw));
        }

        using var whole = await Root.StreamAsync($"/threads/{thread}/stream/events", AllChannels, ("Last-Event-ID", "of another server"));
        (await whole.RunAsync()).Count.ShouldBe(all.Count);
    }

    [Fact]
    public async Task A_restarted_server_shows_the_same_events()
    {
        var folder = Directory.CreateTempSubdirectory("weft-");
        var thread = NewThread();
        var server = await TestServer.StartAsync(folder.FullName);
        await server.Root.StartAsync(thread, "showing");
        var before = await server.Root.ReplayAsync(thread);
        await server.StopAsync();

        await using (server = await TestServer.StartAsync(folder.FullName))
        {
            (await server.Root.ReplayAsync(thread)).Select(frame => frame.Raw).ShouldBe(before.Select(frame => frame.Raw));
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_client_hears_of_events_that_are_gone()
    {
        await using var server = await TestServer.StartAsync(configureRuns: runs => runs.StreamBytesMax = 2_000);
        var thread = await server.Root.NewThreadAsync();
        // A run that nobody follows keeps its events in memory only.
        await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo(new string('x', 2_000), ""","stream_mode":["values","updates"]"""));

        var events = await server.Root.ReplayAsync(thread);

        events[0].Event.ShouldBe("gap");
        events[0].Data().GetProperty("missed").GetInt64().ShouldBeGreaterThan(0);
        events[0].Id.ShouldBe($"gap:{events[0].Seq()}");
        events[1].Seq().ShouldBe(events[0].Seq() + 1);
    }

    [Fact]
    public async Task A_run_of_the_first_protocol_on_a_followed_thread_shows_everything()
    {
        var thread = await Root.NewThreadAsync();
        using var stream = await Root.EventsAsync(thread);

        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("hello", ""","stream_mode":["updates"]"""));

        (await stream.RunAsync()).Select(frame => frame.Short())
            .ShouldBe((await Root.PlayAsync("echo", Hello)).Select(frame => frame.Short()));
    }

    [Fact]
    public async Task A_silent_stream_has_heartbeats_and_ends_when_the_server_stops()
    {
        var server = await TestServer.StartAsync(configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(50));
        using var stream = await server.Root.EventsAsync(await server.Root.NewThreadAsync());

        (await stream.LineAsync()).ShouldBe(": heartbeat");
        await server.DisposeAsync();

        (await stream.ToEndAsync().Within("the stream to end")).ShouldBeEmpty();
    }

    private static string Block(JsonElement data)
    {
        var content = data.TryGetProperty("delta", out var delta) ? delta : data.TryGetProperty("content", out var whole) ? whole : default;
        return content.ValueKind == JsonValueKind.Undefined
            ? data.Text("event")
            : $"{data.Text("event")} {data.GetProperty("index")} {content.GetRawText()}";
    }

    private static bool Matches(SseFrame frame, List<string> channels, List<string[]> prefixes, int? depth)
    {
        var channel = frame.Event.StartsWith("input.", StringComparison.Ordinal) ? "input" : frame.Event;
        var place = frame.Namespace();
        return channels.Contains(channel) && (prefixes.Count == 0 || prefixes.Exists(prefix =>
            prefix.Length <= place.Length
            && (depth is null || place.Length - prefix.Length <= depth)
            && prefix.Zip(place).All(pair => pair.First == pair.Second || (!pair.First.Contains(':') && pair.Second.Split(':')[0] == pair.First))));
    }
}
