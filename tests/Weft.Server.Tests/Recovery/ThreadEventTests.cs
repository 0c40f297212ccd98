using static Weft.Server.Tests.EventCalls;

namespace Weft.Server.Tests.Recovery;

/// <summary>The events of threads (docs/protocol/v2.md) over the death of a server, and what clients cost that only wait.</summary>
public sealed class ThreadEventTests
{
    [Fact]
    public async Task What_clients_were_shown_is_there_after_a_kill_and_goes_on_under_the_same_ids()
    {
        using var folder = new TempFolder();
        var thread = NewThread();
        var shown = new List<SseFrame>();
        using (var killed = await CrashHost.StartAsync(folder))
        {
            await killed.Root.StartAsync(thread, "steps");
            using var stream = await killed.Root.EventsAsync(thread);
            do
            {
                shown.Add((await stream.NextAsync()).ShouldNotBeNull());
            }
            while (shown[^1].Event != "custom");

            await killed.KillAsync();
        }

        using var next = await CrashHost.StartAsync(folder, "--open");

        var replayed = await next.Root.ReplayAsync(thread);
        replayed.Take(shown.Count).Select(frame => (frame.Id, frame.Data)).ShouldBe(shown.Select(frame => (frame.Id, frame.Data)));
        replayed.Select(frame => frame.Seq()).ShouldBe(replayed.Select(frame => frame.Seq()).Order());
        replayed[^1].Data().Text("event").ShouldBe("completed");
        var rest = await next.Root.ReplayAsync(thread, $$"""{{AllChannels[..^1]}},"since":{{shown[^1].Seq()}}}""");
        rest.Select(frame => frame.Id).ShouldBe(replayed.Skip(shown.Count).Select(frame => frame.Id));
    }

    [Fact]
    public async Task Sockets_that_wait_for_events_use_no_cpu()
    {
        using var folder = new TempFolder();
        using var host = await CrashHost.StartAsync(folder, "--open");
        var thread = NewThread();
        await host.Root.StartAsync(thread, "steps");
        await host.Root.ReplayAsync(thread);
        var clients = new List<SocketClient>();
        for (var i = 0; i < 8; i++)
        {
            clients.Add(await SocketClient.OpenAsync(host.Root, thread));
            await clients[i].CommandAsync(1, "subscription.subscribe", AllChannels);
            await clients[i].CommandAsync(2, "subscription.subscribe", """{"channels":["lifecycle"]}""");
            await clients[i].RunAsync();
        }

        // The waits of the readers end by new events too, not only by what is replayed.
        await host.Root.StartAsync(thread, "steps");
        foreach (var client in clients)
        {
            await client.RunAsync();
        }

        // A socket that never rests takes all that it gets of a core, at any time. What the runs have left to compile takes its
        // time once.
        var least = TimeSpan.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            var before = host.CpuTime;
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            least = host.CpuTime - before is var used && used < least ? used : least;
        }

        least.ShouldBeLessThan(TimeSpan.FromMilliseconds(500));
        clients.ForEach(client => client.Dispose());
    }
}
