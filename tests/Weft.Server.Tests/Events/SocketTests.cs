using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;
using static Weft.Server.Tests.EventCalls;

namespace Weft.Server.Tests.Events;

public sealed class SocketTests(SharedServer shared) : ServerTests(shared)
{
    private const string Hello = """{"assistant_id":"echo","input":{"messages":[{"role":"user","content":"hello","id":"m"}]}}""";

    [Fact]
    public async Task A_client_subscribes_before_the_first_run_and_gets_its_events()
    {
        foreach (var api in (Api[])[Root, Gateway])
        {
            var thread = NewThread();
            using var client = await SocketClient.OpenAsync(api, thread);

            var subscribed = await client.CommandAsync(1, "subscription.subscribe", AllChannels);
            subscribed.Text("type").ShouldBe("success", subscribed.GetRawText());
            subscribed.GetProperty("result").GetProperty("replayed_events").GetInt32().ShouldBe(0);
            var started = await client.CommandAsync(2, "run.start", Hello);
            started.GetProperty("meta").GetProperty("applied_through_seq").GetInt64().ShouldBe(0);

            var events = await client.RunAsync();
            events[0].Text("event_id").ShouldBe($"synth:{started.GetProperty("result").Text("run_id")}:running");
            var frames = await Root.ReplayAsync(thread);
            events.Select(message => message.GetRawText()).ShouldBe(frames.Select(frame => frame.Data));
        }
    }

    [Fact]
    public async Task A_late_subscription_is_answered_first_and_then_gets_the_replay()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "echo", """{"messages":[]}""");
        var frames = await Root.ReplayAsync(thread);
        using var client = await SocketClient.OpenAsync(Root, thread);

        var subscribed = await client.CommandAsync(1, "subscription.subscribe", AllChannels);

        subscribed.GetProperty("meta").GetProperty("applied_through_seq").GetInt64().ShouldBe(frames[^1].Seq());
        subscribed.GetProperty("result").GetProperty("replayed_events").GetInt32().ShouldBe(frames.Count);
        (await client.RunAsync()).Select(message => message.Text("event_id")).ShouldBe(frames.Select(frame => frame.Id));
    }

    [Fact]
    public async Task Subscriptions_are_apart_and_end_when_they_are_removed()
    {
        var thread = await Root.NewThreadAsync();
        using var client = await SocketClient.OpenAsync(Root, thread);
        var one = await client.CommandAsync(1, "subscription.subscribe", """{"channels":["lifecycle"]}""");
        var two = await client.CommandAsync(2, "subscription.subscribe", """{"channels":["values"]}""");

        await client.CommandAsync(3, "run.start", Hello);
        var methods = new List<string>();
        while (methods.Count < 4)
        {
            methods.Add((await client.EventAsync()).Text("method"));
        }

        methods.Count(method => method == "lifecycle").ShouldBe(2);
        methods.Count(method => method == "values").ShouldBe(2);
        await client.CommandAsync(4, "subscription.unsubscribe", $$"""{"subscription_id":"{{two.GetProperty("result").Text("subscription_id")}}"}""");
        await client.CommandAsync(5, "run.start", Hello);
        (await client.RunAsync()).ShouldAllBe(message => message.GetProperty("method").GetString() == "lifecycle");
        var again = await client.CommandAsync(6, "subscription.unsubscribe", $$"""{"subscription_id":"{{two.GetProperty("result").Text("subscription_id")}}"}""");
        again.Text("error").ShouldBe("no_such_subscription");
        one.GetProperty("result").Text("subscription_id").ShouldNotBe(two.GetProperty("result").Text("subscription_id"));
    }

    [Fact]
    public async Task A_run_goes_on_when_its_socket_is_closed()
    {
        var thread = NewThread();
        var gate = Gates.New();
        using (var client = await SocketClient.OpenAsync(Root, thread))
        {
            await client.CommandAsync(1, "run.start", $$$"""{"assistant_id":"gated","input":{"gate":"{{{gate.Name}}}","messages":[]}}""");
            await gate.EnteredAsync();
            await client.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken).Within("the close");
            client.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
        }

        gate.Open();
        (await Root.ReplayAsync(thread))[^1].Data().Text("event").ShouldBe("completed");
    }

    [Theory]
    [InlineData("not json", "command")]
    [InlineData("[]", "command")]
    [InlineData("{} {}", "command")]
    [InlineData("", "command")]
    [InlineData("""{"method":"x"}""", "id")]
    [InlineData("""{"id":1}""", "method")]
    public async Task What_is_no_command_is_answered_and_the_socket_stays(string text, string field)
    {
        using var client = await SocketClient.OpenAsync(Root, await Root.NewThreadAsync());

        await client.SendAsync(text);

        var error = (await client.ReceiveAsync())!.Value;
        error.Text("error").ShouldBe("invalid_argument");
        error.Text("message").ShouldStartWith(field + ":");
        (await client.CommandAsync(2, "state.get")).Text("type").ShouldBe("success");
    }

    [Theory]
    [InlineData("no.such", "{}", "unknown_command")]
    [InlineData("subscription.reconnect", "{}", "not_supported")]
    [InlineData("subscription.subscribe", "{}", "invalid_argument")]
    [InlineData("subscription.subscribe", """{"channels":["nothing"]}""", "invalid_argument")]
    [InlineData("subscription.unsubscribe", "{}", "invalid_argument")]
    [InlineData("subscription.unsubscribe", """{"subscription_id":"nope"}""", "no_such_subscription")]
    [InlineData("run.start", """{"assistant_id":"nobody"}""", "invalid_argument")]
    public async Task A_command_that_is_refused_has_a_code(string method, string given, string code)
    {
        using var client = await SocketClient.OpenAsync(Root, await Root.NewThreadAsync());

        (await client.CommandAsync(1, method, given)).Text("error").ShouldBe(code);
    }

    [Fact]
    public async Task A_command_for_a_thread_that_is_not_there_is_refused()
    {
        using var client = await SocketClient.OpenAsync(Root, NewThread());

        (await client.CommandAsync(1, "state.get")).Text("error").ShouldBe("no_such_run");
    }

    [Fact]
    public async Task Binary_frames_repeated_ids_and_too_many_subscriptions_are_refused()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.SocketSubscriptionsMax = 2);
        using var client = await SocketClient.OpenAsync(server.Root, await server.Root.NewThreadAsync());

        await client.SendAsync("""{"id":1,"method":"state.get"}""", WebSocketMessageType.Binary);
        (await client.ReceiveAsync())!.Value.Text("message").ShouldContain("binary");
        (await client.CommandAsync(1, "state.get")).Text("type").ShouldBe("success");
        (await client.CommandAsync(1, "state.get")).Text("message").ShouldStartWith("id:");
        await client.CommandAsync(2, "subscription.subscribe", """{"channels":["values"]}""");
        await client.CommandAsync(3, "subscription.subscribe", """{"channels":["values"]}""");
        (await client.CommandAsync(4, "subscription.subscribe", """{"channels":["values"]}""")).Text("message").ShouldContain("2");
    }

    [Fact]
    public async Task A_message_that_is_too_large_closes_the_socket()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.RequestBodyBytesMax = 20_000);
        using var client = await SocketClient.OpenAsync(server.Root, await server.Root.NewThreadAsync());

        await client.SendAsync(new string(' ', 30_000));

        (await client.ReceiveAsync())!.Value.Text("message").ShouldContain("20000");
        (await client.ClosedAsync()).ShouldBe(4413);
    }

    [Fact]
    public async Task A_message_may_come_in_fragments()
    {
        using var client = await SocketClient.OpenAsync(Root, await Root.NewThreadAsync());
        var text = Encoding.UTF8.GetBytes("""{"id":1,"method":"state.get","params":{"keys":["é"]}}""" + new string(' ', 9_000));
        foreach (var part in text.Chunk(1_000))
        {
            await client.Socket.SendAsync(part, WebSocketMessageType.Text, endOfMessage: false, TestContext.Current.CancellationToken);
        }

        await client.Socket.SendAsync(Array.Empty<byte>(), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);

        (await client.ReceiveAsync())!.Value.Text("type").ShouldBe("success");
    }

    [Fact]
    public async Task The_code_of_a_close_says_why()
    {
        using (var wrong = await SocketClient.OpenAsync(Root, "no-uuid"))
        {
            (await wrong.ClosedAsync()).ShouldBe(4422);
        }

        using (var foreign = await SocketClient.OpenAsync(Root, NewThread(), ("Origin", "https://evil.example")))
        {
            (await foreign.ClosedAsync()).ShouldBe(4403);
        }

        var thread = await Root.NewThreadAsync();
        using var client = await SocketClient.OpenAsync(Root, thread);
        await client.CommandAsync(1, "subscription.subscribe", AllChannels);
        await Root.DeleteAsync($"/threads/{thread}");
        (await client.ClosedAsync()).ShouldBe(4404);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_socket_without_credentials_is_closed_with_their_status(bool hasKeys)
    {
        await using var server = await TestServer.StartAsync(add: weft =>
        {
            if (hasKeys)
            {
                weft.RequireApiKeys();
                return;
            }

            HeaderUsers.Add(weft.Services);
            weft.Services.AddAuthorizationBuilder()
                .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        });
        var user = hasKeys ? ("x-api-key", await KeyAsync(server)) : ("x-user", "ada");
        foreach (var api in (Api[])[server.Root, server.Gateway])
        {
            using var none = await SocketClient.OpenAsync(api, NewThread());
            (await none.ClosedAsync()).ShouldBe(4401);
            none.Socket.CloseStatusDescription.ShouldBe("The request has no credentials that this server accepts.");
            using var wrong = await SocketClient.OpenAsync(api, NewThread(), ("x-api-key", "wrong"));
            (await wrong.ClosedAsync()).ShouldBe(4401);
            (await api.GetAsync($"/threads/{NewThread()}/stream/events")).ShouldBe(HttpStatusCode.Unauthorized);

            using var known = await SocketClient.OpenAsync(api, NewThread(), user);
            (await known.CommandAsync(1, "run.start", Hello)).Text("type").ShouldBe("success");
        }

        static async Task<string> KeyAsync(TestServer server)
        {
            var keys = server.Services.GetRequiredService<ApiKeysFacade>();
            return (await keys.CreateAsync(new() { Name = "one", Owner = "ada" }, TestContext.Current.CancellationToken)).Key;
        }
    }

    [Fact]
    public async Task A_subscription_of_a_thread_that_is_being_deleted_is_not_left_waiting()
    {
        for (var i = 0; i < 20; i++)
        {
            var thread = NewThread();
            await Root.StartAsync(thread, "echo", """{"messages":[]}""");
            await Root.ReplayAsync(thread);
            using var client = await SocketClient.OpenAsync(Root, thread);

            var deleted = Root.DeleteAsync($"/threads/{thread}");
            var answer = await client.CommandAsync(1, "subscription.subscribe", AllChannels);
            await deleted;

            // A subscription that came too late waits for a thread with this id.
            if (answer.Text("type") == "success" && answer.GetProperty("meta").GetProperty("applied_through_seq").GetInt64() > 0)
            {
                (await client.ClosedAsync()).ShouldBe(4404);
            }
        }
    }

    [Fact]
    public async Task A_stopping_server_closes_its_sockets()
    {
        var server = await TestServer.StartAsync();
        using var client = await SocketClient.OpenAsync(server.Root, await server.Root.NewThreadAsync());
        await client.CommandAsync(1, "subscription.subscribe", AllChannels);

        var closed = client.ClosedAsync();
        await server.DisposeAsync();

        (await closed).ShouldBe((int)WebSocketCloseStatus.EndpointUnavailable);
    }

    [Fact]
    public async Task A_silent_socket_is_pinged_and_one_that_never_answers_is_closed()
    {
        await using var server = await TestServer.StartAsync(configure: options =>
        {
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
            options.SocketTimeout = TimeSpan.FromMilliseconds(300);
        });
        using var client = await RawSocket.OpenAsync(server.Root, await server.Root.NewThreadAsync());

        (await client.ReadAsync()).ShouldBe((byte)0x89);
        await client.ToEndAsync();
    }

    [Fact]
    public async Task A_socket_that_is_closed_by_half_or_breaks_the_rules_is_let_go()
    {
        var thread = await Root.NewThreadAsync();
        using (var half = await RawSocket.OpenAsync(Root, thread))
        {
            half.CloseHalf();
            await half.ToEndAsync();
        }

        // A frame of a kind that does not exist.
        using var wrong = await RawSocket.OpenAsync(Root, thread);
        await wrong.WriteAsync(0x83, 0x80, 0, 0, 0, 0);
        await wrong.ToEndAsync();
    }

    [Fact]
    public async Task Events_come_in_the_order_of_their_numbers_over_all_subscriptions()
    {
        var thread = await Root.NewThreadAsync();
        using var client = await SocketClient.OpenAsync(Root, thread);
        var id = 1;
        foreach (var channel in (string[])["lifecycle", "values", "tasks", "updates", "checkpoints", "messages"])
        {
            await client.CommandAsync(id++, "subscription.subscribe", $$"""{"channels":["{{channel}}"]}""");
        }

        for (var run = 0; run < 3; run++)
        {
            await client.CommandAsync(id++, "run.start", Hello);
            var seqs = (await client.RunAsync()).Select(message => message.GetProperty("seq").GetInt64()).ToList();
            seqs.ShouldBe(seqs.Distinct().Order());
            seqs.Count.ShouldBe(14);
        }
    }

    [Fact]
    public async Task Subscriptions_that_are_made_together_begin_together()
    {
        var thread = NewThread();
        await Root.CommandAsync(thread, "run.start", Hello);
        await Root.ReplayAsync(thread);
        using var client = await SocketClient.OpenAsync(Root, thread);
        string[] channels = ["lifecycle", "values", "checkpoints"];

        for (var id = 0; id < channels.Length; id++)
        {
            await client.SendAsync($$$"""{"id":{{{id}}},"method":"subscription.subscribe","params":{"channels":["{{{channels[id]}}}"]}}""");
        }

        foreach (var _ in channels)
        {
            (await client.ReceiveAsync())!.Value.Text("type").ShouldBe("success");
        }

        var events = await client.RunAsync();
        events.Select(message => message.Text("method")).Distinct().ShouldBe(channels, ignoreOrder: true);
        events.ShouldBeInOrder(SortDirection.Ascending, Comparer<JsonElement>.Create((a, b) => Seq(a).CompareTo(Seq(b))));

        static long Seq(JsonElement message) => message.GetProperty("seq").GetInt64();
    }

    [Fact]
    public async Task A_client_that_is_torn_away_leaves_nothing_behind()
    {
        await using var server = await TestServer.StartAsync();
        var thread = await server.Root.NewThreadAsync();
        for (var i = 0; i < 3; i++)
        {
            var client = await SocketClient.OpenAsync(server.Root, thread);
            await client.CommandAsync(1, "subscription.subscribe", AllChannels);
            client.Socket.Abort();
            client.Dispose();
        }

        await server.Root.StartAsync(thread, "echo", """{"messages":[]}""");
        (await server.Root.ReplayAsync(thread))[^1].Data().Text("event").ShouldBe("completed");
    }

    [Fact]
    public async Task Commands_without_a_pause_hold_no_events_back()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "echo", """{"messages":[]}""");
        await Root.ReplayAsync(thread);
        using var client = await SocketClient.OpenAsync(Root, thread);
        using var received = new CancellationTokenSource();
        await client.SendAsync($$$"""{"id":1,"method":"subscription.subscribe","params":{{{AllChannels}}}}""");

        var sending = SendAsync();
        var answers = 0;
        while ((await client.ReceiveAsync()).ShouldNotBeNull().Text("type") != "event")
        {
            answers++;
        }

        await received.CancelAsync();
        await sending;
        answers.ShouldBeLessThan(1000);

        async Task SendAsync()
        {
            for (var id = 2; !received.IsCancellationRequested; id++)
            {
                await client.SendAsync($$$"""{"id":{{{id}}},"method":"state.unknown","params":{}}""");
                await Task.Delay(2, TestContext.Current.CancellationToken);
            }
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_delays_nobody_and_gets_everything_later()
    {
        const int Runs = 4;
        const string Filter = """{"channels":["values","lifecycle"]}""";
        var thread = NewThread();
        using var slow = await SocketClient.OpenAsync(Root, thread);
        using var quick = await SocketClient.OpenAsync(Root, thread);
        await slow.CommandAsync(1, "subscription.subscribe", Filter);
        await quick.CommandAsync(1, "subscription.subscribe", Filter);
        var text = new string('x', 2_000_000);

        var ids = new List<string>();
        for (var run = 0; run < Runs; run++)
        {
            var given = $$$"""{"assistant_id":"echo","input":{"messages":[{"role":"user","content":"{{{text}}}"}]}}""";
            await quick.CommandAsync(2 + run, "run.start", given);
            ids.AddRange((await quick.RunAsync()).Select(message => message.Text("event_id")));
        }

        var late = new List<string>();
        for (var run = 0; run < Runs; run++)
        {
            late.AddRange((await slow.RunAsync()).Select(message => message.Text("event_id")));
        }

        late.ShouldBe(ids);
    }
}
