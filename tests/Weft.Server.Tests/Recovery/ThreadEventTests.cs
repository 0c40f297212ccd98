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

    [Fact]
    public async Task A_client_goes_on_after_the_start_of_any_attempt_whose_id_it_has()
    {
        using var folder = new TempFolder();
        var thread = NewThread();
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            using var killed = await CrashHost.StartAsync(folder);
            if (attempt == 1)
            {
                await killed.Root.StartAsync(thread, "steps");
            }

            using var stream = await killed.Root.EventsAsync(thread);
            for (var hasStarted = false; ;)
            {
                var shown = (await stream.NextAsync()).ShouldNotBeNull();
                hasStarted |= shown.Id!.EndsWith(attempt == 1 ? ":running" : ":running:2", StringComparison.Ordinal);
                if (hasStarted && shown.Event == "custom")
                {
                    break;
                }
            }

            await killed.KillAsync();
        }

        for (var start = 0; start < 2; start++)
        {
            using var next = await CrashHost.StartAsync(folder, "--open");
            var all = await next.Root.ReplayAsync(thread);
            all.Select(frame => frame.Id).ShouldBeUnique();
            var starts = all.FindAll(frame => frame.Event == "lifecycle" && frame.Data().Text("event") == "running");
            starts.Select(frame => frame.Id!.Split("running")[1]).ShouldBe(["", ":2", ":3"]);
            foreach (var attempt in starts)
            {
                using var rest = await next.Root.StreamAsync(
                    $"/threads/{thread}/stream/events", AllChannels, ("Last-Event-ID", attempt.Id!));
                (await rest.RunAsync()).Select(frame => frame.Raw).ShouldBe(all.Skip(all.IndexOf(attempt) + 1).Select(frame => frame.Raw));
            }

            await next.KillAsync();
        }
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
