using System.Globalization;
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

    [Theory]
    [InlineData("/threads/{0}/runs", false)]
    [InlineData("/threads/{0}/runs", true)]
    [InlineData("/api/threads/{0}/runs", false)]
    public async Task What_clients_were_shown_of_a_run_of_the_first_protocol_is_there_after_a_kill(string path, bool isResumable)
    {
        using var folder = new TempFolder();
        var shown = new List<SseFrame>();
        string thread;
        using (var killed = await CrashHost.StartAsync(folder))
        {
            thread = await killed.Root.NewThreadAsync();
            var run = (await killed.Root.PostAsync(string.Format(CultureInfo.InvariantCulture, path, thread), $$"""
                {"assistant_id":"steps","input":{},"stream_mode":["values","custom"],"stream_resumable":{{(isResumable ? "true" : "false")}}}
                """)).ShouldBeOk();
            // The client comes when the run has begun.
            using (var begun = await killed.Root.JoinAsync(run.RunPath + "/stream", ("Last-Event-ID", "-1")))
            {
                await begun.UntilAsync("values");
            }

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
    }

    [Fact]
    public async Task The_end_of_a_run_whose_events_were_only_in_memory_is_told_after_a_gap()
    {
        using var folder = new TempFolder();
        string thread;
        long last;
        using (var killed = await CrashHost.StartAsync(folder, "--open"))
        {
            thread = await killed.Root.NewThreadAsync();
            await killed.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"steps","input":{}}""");
            var shown = await killed.Root.ReplayAsync(thread);
            last = shown[0].Seq();
            await killed.KillAsync();
        }

        using var next = await CrashHost.StartAsync(folder, "--open");

        foreach (var filter in (string[])[AllChannels, $$"""{{AllChannels[..^1]}},"since":{{last}}}"""])
        {
            var replayed = await next.Root.ReplayAsync(thread, filter);
            replayed.Select(frame => frame.Event).ShouldBe(["gap", "lifecycle"]);
            replayed[1].Data().Text("event").ShouldBe("completed");
            replayed[1].Seq().ShouldBeGreaterThan(last);
        }
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
