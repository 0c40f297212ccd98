using Weft.Graphs;
using Weft.Graphs.Tests.Streaming;

namespace Weft.Runs.Tests.Runs;

/// <summary>Events of runs are in memory and in the database, and can be read again (docs/protocol/streaming.md C10).</summary>
public sealed class RunLogTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_is_the_same_while_the_run_goes_on_and_after_its_end()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var run = await server.CreateAsync(await server.NewThreadAsync(), "hold");
        var live = server.EventsAsync(run);
        server.HoldOf("hold").Released.SetResult();
        var events = await live;
        events.Select(e => e.Split(' ')[1]).ShouldBe(["metadata", "values", "values", "values", "end"]);
        await server.EndAsync(run);
        (await server.EventsAsync(run)).ShouldBe(events);
        (await server.EventsAsync(run, 2)).ShouldBe(events.Skip(3));
    }

    [Fact]
    public async Task A_resumable_stream_is_replayed_from_the_database_once_memory_has_let_go_of_it()
    {
        await using var server = await RunsUnderTest.StartAsync(options => options.EndedStreamsMax = 0);
        var run = await server.CreateAsync(await server.NewThreadAsync(), "hold", spec => spec with { StreamResumable = true });
        var live = server.EventsAsync(run);
        server.HoldOf("hold").Released.SetResult();
        var events = await live;
        await server.EndAsync(run);
        (await server.EventsAsync(run)).ShouldBe(events);
        (await server.EventsAsync(run, 1)).ShouldBe(events.Skip(2));
    }

    [Fact]
    public async Task Logs_of_ended_runs_count_the_states_that_they_show_and_go_by_size_by_time_and_with_their_thread()
    {
        await using var server = await RunsUnderTest.StartAsync(options => options.EndedStreamsBytesMax = 4_000_000);
        var threads = new List<ThreadId>();
        for (var i = 0; i < 12; i++)
        {
            threads.Add(await server.NewThreadAsync());
            await server.EndAsync(await server.CreateAsync(threads[i], "large"));
        }

        var kept = server.Streams.EndedBytes;
        kept.ShouldBeInRange(2_000_000, 4_000_000);
        await server.Threads.DeleteAsync(RunsUnderTest.Me, threads[^1], Stop);
        server.Streams.EndedBytes.ShouldBeInRange(1, kept - 200_000);
        server.Time.Advance(TimeSpan.FromMinutes(6));
        server.Streams.Sweep();
        server.Streams.EndedBytes.ShouldBe(0);
    }

    [Fact]
    public async Task States_of_resumable_streams_are_stored_once_and_replayed_to_the_byte()
    {
        await using var server = await RunsUnderTest.StartAsync(options => options.EndedStreamsMax = 0);
        var thread = await server.NewThreadAsync();
        var runs = new List<(RunRecord Run, IReadOnlyList<string> Events)>();
        for (var i = 0; i < 12; i++)
        {
            var text = i == 0 ? "large" : $"hold {i}";
            var run = await server.CreateAsync(thread, text, spec => spec with { StreamResumable = true });
            var live = server.EventsAsync(run);
            server.HoldOf(text).Released.TrySetResult();
            runs.Add((run, await live));
            await server.EndAsync(run);
        }

        runs[^1].Events.Sum(e => (long)e.Length).ShouldBeGreaterThan(600_000);
        server.Count("SELECT sum(length(data)) FROM thread_events").ShouldBeInRange(1, 700_000);
        foreach (var (run, events) in runs)
        {
            (await server.EventsAsync(run)).ShouldBe(events);
        }

        // The prune removes the checkpoints with the states, so the events that refer to them count as missed.
        await server.Threads.PruneAsync(RunsUnderTest.Me, [thread], PruneStrategy.KeepLatest, Stop);
        using var reader = await server.Runs.JoinStreamAsync(runs[5].Run, -1, null, null, Stop);
        var names = new List<string>();
        do
        {
            foreach (var e in reader.TryRead())
            {
                names.Add(e.Part.EventOf());
            }
        }
        while (await reader.WaitAsync());

        names.ShouldBe(["metadata", "end"]);
        reader.TakeMissed().ShouldBe(3);
    }

    [Fact]
    public async Task Tasks_and_checkpoints_of_resumable_streams_do_not_store_the_state_again()
    {
        await using var server = await RunsUnderTest.StartAsync(options => options.EndedStreamsMax = 0);
        var thread = await server.NewThreadAsync();
        await server.EndAsync(await server.CreateAsync(thread, "large"));
        var run = await server.CreateAsync(thread, "hold", spec => spec with
        {
            StreamResumable = true,
            StreamModes = ["tasks", "checkpoints", "debug"],
        });
        var live = server.EventsAsync(run);
        server.HoldOf("hold").Released.TrySetResult();
        var events = await live;
        await server.EndAsync(run);

        events.Count.ShouldBeGreaterThan(10);
        events.Sum(e => (long)e.Length).ShouldBeGreaterThan(400_000);
        server.Count("SELECT sum(length(data)) FROM thread_events").ShouldBeInRange(1, 120_000);
        (await server.EventsAsync(run)).ShouldBe(events);
    }

    [Theory]
    [InlineData(-1, "ResumableStreamBytesPerRunMax")]
    [InlineData(1, "ResumableStreamBytesPerRunMax")]
    [InlineData(-1, "ResumableStreamsBytesMax")]
    [InlineData(1, "ResumableStreamsBytesMax")]
    public async Task Events_that_were_removed_from_the_database_are_missed(long after, string limit)
    {
        await using var server = await RunsUnderTest.StartAsync(options =>
        {
            options.EndedStreamsMax = 0;
            options.ResumableStreamBytesPerRunMax = limit == nameof(options.ResumableStreamBytesPerRunMax) ? 6_000 : 1_000_000;
            options.ResumableStreamsBytesMax = limit == nameof(options.ResumableStreamsBytesMax) ? 6_000 : 1_000_000;
        });
        var run = await server.CreateAsync(await server.NewThreadAsync(), "flood", spec => spec with
        {
            StreamResumable = true,
            StreamModes = ["custom"],
        });
        await server.EndAsync(run);
        (await server.EventsAsync(run)).Count.ShouldBe(22);

        while (server.Count("SELECT count(*) FROM thread_events") > 2)
        {
            server.Time.Advance(TimeSpan.FromMinutes(10));
            await Task.Delay(TimeSpan.FromMilliseconds(20), Stop);
        }

        using var reader = await server.Runs.JoinStreamAsync(run, after, null, null, Stop);
        var names = new List<string>();
        long last = -1;
        do
        {
            foreach (var e in reader.TryRead())
            {
                names.Add(e.Part.EventOf());
                last = e.Seq;
            }
        }
        while (await reader.WaitAsync());

        var isTrimmed = limit == nameof(RunsOptions.ResumableStreamBytesPerRunMax);
        names.ShouldBe(isTrimmed ? ["custom", "end"] : ["end"]);
        reader.TakeMissed().ShouldBe(isTrimmed ? 20 - (after + 1) : 1);
        last.ShouldBeGreaterThan(after);
        using var again = await server.Runs.JoinStreamAsync(run, last, null, null, Stop);
        again.TryRead().IsEmpty.ShouldBeTrue();
        again.TakeMissed().ShouldBe(0);
    }

    [Fact]
    public async Task A_stream_that_is_kept_nowhere_ends_at_once()
    {
        await using var server = await RunsUnderTest.StartAsync(options => options.EndedStreamsMax = 0);
        var run = await server.CreateAsync(await server.NewThreadAsync(), "a");
        await server.EndAsync(run);
        (await server.EventsAsync((await server.Runs.FindAsync(RunsUnderTest.Me, null, run.RunId, Stop))!))[^1].ShouldContain(" end ");
    }
}
