namespace Weft.Server.Tests.Events;

/// <summary>Streams and waits through a proxy that drops connections on which a server is silent.</summary>
public sealed class IdleProxyTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Everything_that_waits_for_a_silent_run_gets_its_end()
    {
        await using var server = await TestServer.StartAsync(
            configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(200));
        await using var proxy = new IdleProxy(server.Root.BaseAddress, Silence);
        using var http = new HttpClient { BaseAddress = proxy.Address };
        var (root, gateway) = (new Api(http, ""), new Api(http, "/api"));
        var gate = server.Gates.New();
        var thread = await root.NewThreadAsync();
        using var ofThread = await root.JoinAsync($"/threads/{thread}/stream");
        using var events = await root.EventsAsync(thread);
        using var feed = await root.JoinAsync("/weft/events");
        using var socket = await SocketClient.OpenAsync(root, thread);
        await socket.CommandAsync(1, "subscription.subscribe", EventCalls.AllChannels);
        using var run = await root.StreamAsync($"/threads/{thread}/runs/stream", Bodies.Gated(gate, ""","stream_mode":["updates"]"""));
        using var ofGateway = await gateway.JoinAsync($"/threads/{thread}/runs/{run.Ids().RunId}/stream");
        await gate.EnteredAsync();
        // A socket answers pings while it is read.
        var ofSocket = socket.RunAsync();
        var joined = root.GetAsync($"/threads/{thread}/runs/{run.Ids().RunId}/join");

        for (var i = 0; i < 2; i++)
        {
            await proxy.DroppedAsync();
        }

        gate.Open();

        (await run.ToEndAsync())[^1].Event.ShouldBe("end");
        (await ofGateway.ToEndAsync())[^1].Event.ShouldBe("end");
        (await joined).ShouldBeOk().Json.Texts().ShouldBe(["go", "begun", "one two"]);
        (await events.RunAsync())[^1].Data().Text("event").ShouldBe("completed");
        (await ofSocket)[^1].GetProperty("params").GetProperty("data").Text("event").ShouldBe("completed");
        (await feed.UntilAsync("run.ended")).Json.Text("run_id").ShouldBe(run.Ids().RunId);
        (await ofThread.UntilAsync("updates")).Data.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_server_without_heartbeats_is_dropped()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.HeartbeatInterval = TimeSpan.FromHours(1));
        await using var proxy = new IdleProxy(server.Root.BaseAddress, Silence);
        using var http = new HttpClient { BaseAddress = proxy.Address };
        using var events = await new Api(http, "").EventsAsync(await server.Root.NewThreadAsync());

        await Should.ThrowAsync<IOException>(events.ToEndAsync());
    }
}
