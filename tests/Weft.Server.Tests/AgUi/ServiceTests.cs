using Microsoft.AspNetCore.Builder;
using Weft.Server.Tests.Recovery;
using static Weft.Server.Tests.AgUiCalls;

namespace Weft.Server.Tests.AgUi;

/// <summary>Servers that are slow, stop, or have several users.</summary>
public sealed class ServiceTests
{
    [Fact]
    public async Task A_silent_run_has_heartbeats()
    {
        await using var server = await TestServer.StartAsync(
            configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(50));
        var gate = server.Gates.New();
        using var stream = await server.Root.StreamAsync("/agui/answering", Body("thread", User(gate.Name, "u-1")));
        await gate.EnteredAsync();

        while (await stream.LineAsync() != ": heartbeat")
        {
        }

        gate.Open();
        (await stream.ToEndAsync())[^1].Json.Text("type").ShouldBe("RUN_FINISHED");
    }

    [Fact]
    public async Task A_stream_of_a_stopping_server_ends_with_an_error_and_the_run_continues()
    {
        using var folder = new TempFolder();
        var gates = new Gates();
        var gate = gates.New();
        var server = await StartAsync(folder, gates);
        using var stream = await server.Root.StreamAsync("/agui/answering", Body("thread", User(gate.Name, "u-1")));
        await gate.EnteredAsync();

        var reading = stream.ToEndAsync();
        await server.StopAsync();

        var frames = await reading.Within("the stream to end");
        frames[^1].Json.Text("code").ShouldBe("server_stopping");
        frames.Count(frame => frame.Json.Text("type") == "STEP_STARTED").ShouldBe(1);
        frames[^2].Json.Text("type").ShouldBe("STEP_FINISHED");
        gate.Open();
        var second = await StartAsync(folder, gates);
        var (thread, run) = stream.Ids();
        (await second.Root.GetAsync($"/threads/{thread}/runs/{run}/join")).ShouldBeOk().Json.Texts()[^1].ShouldBe("answer to " + gate.Name);
        await second.StopAsync();
    }

    [Fact]
    public async Task A_reader_that_misses_events_gets_a_stream_that_is_valid_and_complete_at_its_end()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options => options.StreamBytesMax = 1);
        var gaps = 0;
        for (var i = 0; i < 20; i++)
        {
            var client = await server.Root.AgUiAsync("showing", Body(Guid.NewGuid().ToString()));

            gaps += client.Of("CUSTOM").Count(e => e.Text("name") == "gap");
            client.Last.Text("type").ShouldBe("RUN_FINISHED");
            client.Messages.Select(message => message.Text("content")).ShouldBe(["Rome is", "42"]);
        }

        gaps.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Two_users_may_use_the_same_text_for_their_threads()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft(), HeaderUsers.Add);
        var ids = new List<string>();
        foreach (var name in (string[])["ada", "bob"])
        {
            using var stream = await app.Root.StreamAsync("/agui/echo", Body("mine", User("I am " + name, "u-1")), ("x-user", name));
            var client = new AgUiClient();
            (await stream.ToEndAsync()).ForEach(frame => client.Take(frame.Json));

            client.Messages.Select(message => message.Text("content")).ShouldBe(["I am " + name, "echo: I am " + name]);
            ids.Add(stream.Ids().ThreadId);
        }

        ids[0].ShouldNotBe(ids[1]);
        (await app.Root.PostAsync("/agui/echo", Body(ids[0]), ("x-user", "bob"))).Status.ShouldBe(404);
    }

    private static Task<TestServer> StartAsync(TempFolder folder, Gates gates) =>
        TestServer.StartAsync(folder.Path, gates, configureRuns: options => options.DrainTimeout = TimeSpan.FromMilliseconds(50));
}
