using System.Globalization;
using Weft.Graphs;
using Weft.Graphs.Tests.Streaming;
using static Weft.Runs.Tests.RunsUnderTest;

namespace Weft.Runs.Tests.Streams;

/// <summary>The logs of a thread's runs, read as one.</summary>
public sealed class ThreadLogTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_late_reader_gets_what_an_early_one_got()
    {
        await using var runs = await StartAsync();
        var thread = await runs.NewThreadAsync();
        using var early = await FollowAsync(runs, thread);
        for (var i = 0; i < 3; i++)
        {
            await runs.EndAsync(await runs.CreateAsync(thread, $"slow{i}"));
        }

        var seen = await ReadAsync(early, runs: 3);
        using var late = await FollowAsync(runs, thread);
        var replayed = await ReadAsync(late, runs: 3);

        replayed.ShouldBe(seen);
        seen.Select(entry => entry.Seq).ShouldBe(seen.Select(entry => entry.Seq).Order());
        seen.Select(entry => entry.Seq).ShouldBeUnique();
    }

    [Fact]
    public async Task A_reader_that_follows_runs_misses_nothing_and_gets_nothing_twice()
    {
        await using var runs = await StartAsync();
        var thread = await runs.NewThreadAsync();
        using var reader = await FollowAsync(runs, thread);
        var reading = ReadAsync(reader, runs: 20);
        var all = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            var run = await runs.CreateAsync(thread, i % 3 == 0 ? "flood" : $"slow{i}", spec => spec with { StreamModes = ["values", "custom"] });
            await runs.EndAsync(run);
            // The stream of the run has only events of its modes. The log has all numbers up to the last one.
            var last = int.Parse((await runs.EventsAsync(run))[^1].Split(' ')[0], CultureInfo.InvariantCulture);
            all.AddRange(Enumerable.Range(0, last + 1).Select(number => $"{run.RunId}:{number}"));
        }

        (await reading).Select(entry => entry.Id).ShouldBe(all);
    }

    [Fact]
    public async Task A_reader_continues_behind_the_event_that_it_has()
    {
        await using var runs = await StartAsync();
        var thread = await runs.NewThreadAsync();
        using var whole = await FollowAsync(runs, thread);
        await runs.EndAsync(await runs.CreateAsync(thread, "one"));
        await runs.EndAsync(await runs.CreateAsync(thread, "two"));
        var all = await ReadAsync(whole, runs: 2);

        for (var i = 0; i < all.Count - 1; i++)
        {
            using var reader = await FollowAsync(runs, thread, all[i].Seq);
            (await ReadAsync(reader, runs: all.Skip(i + 1).Count(entry => entry.IsLast))).ShouldBe(all.Skip(i + 1));
        }
    }

    [Fact]
    public async Task A_log_goes_on_after_a_restart_with_the_same_numbers()
    {
        var before = await StartAsync();
        var thread = await before.NewThreadAsync();
        using var early = await FollowAsync(before, thread);
        await before.EndAsync(await before.CreateAsync(thread, "one"));
        await before.EndAsync(await before.CreateAsync(thread, "two"));
        var seen = await ReadAsync(early, runs: 2);
        await before.StopAsync();

        await using var runs = await StartAsync(before: before);
        using var late = await FollowAsync(runs, thread);
        using var resumed = await FollowAsync(runs, thread, seen[2].Seq);
        await runs.EndAsync(await runs.CreateAsync(thread, "three"));
        var replayed = await ReadAsync(late, runs: 3);

        replayed.Take(seen.Count).ShouldBe(seen);
        (await ReadAsync(resumed, runs: 3)).ShouldBe(replayed.Skip(3));
    }

    [Fact]
    public async Task A_reader_without_a_position_gets_recent_runs_only()
    {
        await using var runs = await StartAsync();
        var thread = await runs.NewThreadAsync();
        using var early = await FollowAsync(runs, thread);
        await runs.EndAsync(await runs.CreateAsync(thread, "old"));
        var old = await ReadAsync(early, runs: 1);
        runs.Time.Advance(TimeSpan.FromMinutes(6));
        var run = await runs.CreateAsync(thread, "new");
        await runs.EndAsync(run);

        using var late = await FollowAsync(runs, thread);
        (await ReadAsync(late, runs: 1)).ShouldAllBe(entry => entry.Id.StartsWith(run.RunId.ToString(), StringComparison.Ordinal));
        using var given = await FollowAsync(runs, thread, 0);
        (await ReadAsync(given, runs: 2)).Take(old.Count).ShouldBe(old);
    }

    [Fact]
    public async Task The_runs_of_a_thread_that_is_followed_are_stored()
    {
        await using var runs = await StartAsync();
        var thread = await runs.NewThreadAsync();
        var alone = await runs.CreateAsync(thread, "alone");
        await runs.EndAsync(alone);
        using (await FollowAsync(runs, thread))
        {
            await runs.EndAsync(await runs.CreateAsync(thread, "followed"));
        }

        var after = await runs.CreateAsync(thread, "after");
        await runs.EndAsync(after);

        runs.Count("SELECT count(DISTINCT run_id) FROM thread_events").ShouldBe(1);
    }

    [Fact]
    public async Task The_last_number_is_below_those_of_the_next_run()
    {
        var before = await StartAsync();
        var thread = await before.NewThreadAsync();
        (await before.Runs.FindLastSeqAsync(Me, thread, Stop)).ShouldBe(0);
        using var early = await FollowAsync(before, thread);
        await before.EndAsync(await before.CreateAsync(thread, "one"));
        var seen = await ReadAsync(early, runs: 1);
        (await before.Runs.FindLastSeqAsync(Me, thread, Stop)).ShouldBe(seen[^1].Seq);
        await before.StopAsync();

        await using var runs = await StartAsync(before: before);
        var last = await runs.Runs.FindLastSeqAsync(Me, thread, Stop);
        last.ShouldBeGreaterThanOrEqualTo(seen[^1].Seq);
        using var late = await FollowAsync(runs, thread, last);
        var run = await runs.CreateAsync(thread, "two");
        await runs.EndAsync(run);
        (await ReadAsync(late, runs: 1))[0].Id.ShouldBe($"{run.RunId}:0");
    }

    [Fact]
    public async Task A_reader_is_told_that_its_thread_is_gone()
    {
        await using var runs = await StartAsync();
        var thread = await runs.NewThreadAsync();
        using var reader = await FollowAsync(runs, thread);
        (await reader.WaitAsync()).ShouldBeTrue();
        var waiting = reader.WaitAsync().AsTask();
        reader.Wake();
        (await waiting.WaitAsync(TimeSpan.FromSeconds(20), Stop)).ShouldBeTrue();

        waiting = reader.WaitAsync().AsTask();
        await runs.Threads.DeleteAsync(Me, thread, Stop);

        (await waiting.WaitAsync(TimeSpan.FromSeconds(20), Stop)).ShouldBeFalse();
        await Should.ThrowAsync<WeftException>(FollowAsync(runs, thread));
    }

    [Fact]
    public async Task A_stream_of_a_thread_goes_on_with_stored_runs_after_a_restart()
    {
        var before = await StartAsync();
        var thread = await before.NewThreadAsync();
        var ended = new List<RunRecord>();
        foreach (var text in new[] { "one", "two", "three" })
        {
            ended.Add(await before.CreateAsync(thread, text, spec => spec with { StreamResumable = true }));
            await before.EndAsync(ended[^1]);
        }

        await before.StopAsync();
        await using var runs = await StartAsync(before: before);
        using var follower = await runs.Runs.FollowAsync(Me, thread, (ended[0].RunId, 1), fromStart: false, null, Stop);
        var read = new List<RunId>();
        for (var i = 0; i < 3; i++)
        {
            long? first;
            using var reader = (await follower.NextAsync(null, Stop).WaitAsync(TimeSpan.FromSeconds(20), Stop)).ShouldNotBeNull();
            read.Add(reader.RunId);
            while ((first = FirstOf(reader)) is null)
            {
                await reader.WaitAsync();
            }

            first.ShouldBe(i == 0 ? 2 : 0);
        }

        read.ShouldBe(ended.Select(run => run.RunId));
    }

    [Fact]
    public async Task The_stream_of_a_stateless_run_can_be_read_after_its_end_for_a_time()
    {
        var before = await StartAsync();
        var run = await before.CreateAsync(null, "one", spec => spec with { StreamResumable = true });
        await before.EndAsync(run);
        var events = await before.EventsAsync(run);
        await before.StopAsync();

        await using var runs = await StartAsync(before: before);
        (await runs.EventsAsync((await runs.Runs.FindAsync(Me, null, run.RunId, Stop))!)).ShouldBe(events);
        runs.Count("SELECT count(*) FROM threads WHERE expires_at IS NOT NULL AND ttl_strategy = 'delete'").ShouldBe(1);
    }

    [Fact]
    public async Task Runs_that_end_in_the_queue_have_no_place_and_take_nobody_elses()
    {
        var before = await StartAsync();
        var thread = await before.NewThreadAsync();
        using var reader = await FollowAsync(before, thread);
        var running = await before.CreateAsync(thread, "hold");
        await before.HoldOf("hold").Reached.Task;
        var waiting = new List<RunRecord>();
        for (var i = 0; i < 25; i++)
        {
            waiting.Add(await before.CreateAsync(thread, $"waiting{i}"));
        }

        foreach (var run in waiting)
        {
            await before.Runs.CancelAsync(run, CancelAction.Interrupt, null, Stop);
        }

        // The run that executes is found behind them, and its events are not passed over.
        using var late = await FollowAsync(before, thread);
        var last = await before.Runs.FindLastSeqAsync(Me, thread, Stop);
        using var since = await FollowAsync(before, thread, last);
        before.HoldOf("hold").Released.SetResult();
        await before.EndAsync(running);
        var all = await ReadAsync(reader, runs: 1);
        (await ReadAsync(late, runs: 1)).ShouldBe(all);
        (await ReadAsync(since, runs: 1)).ShouldBe(all.Where(entry => entry.Seq > last));
        await before.StopAsync();

        await using var runs = await StartAsync(before: before);
        foreach (var run in waiting)
        {
            var found = (await runs.Runs.FindAsync(Me, thread, run.RunId, Stop))!;
            (await runs.EventsAsync(found)).ShouldHaveSingleItem().ShouldContain(run.RunId.ToString());
        }
    }

    [Fact]
    public async Task New_events_of_a_thread_are_those_of_later_runs_also_after_a_restart()
    {
        var before = await StartAsync();
        var thread = await before.NewThreadAsync();
        await before.EndAsync(await before.CreateAsync(thread, "old", spec => spec with { StreamResumable = true }));
        await before.StopAsync();
        await using var runs = await StartAsync(before: before);

        using var follower = await runs.Runs.FollowAsync(Me, thread, null, fromStart: false, null, Stop);
        var run = await runs.CreateAsync(thread, "new");
        using var reader = (await follower.NextAsync(null, Stop).WaitAsync(TimeSpan.FromSeconds(20), Stop)).ShouldNotBeNull();

        reader.RunId.ShouldBe(run.RunId);
    }

    [Fact]
    public async Task A_run_that_is_taken_over_goes_on_for_those_who_read()
    {
        await using var runs = await StartAsync(options => options.UnsavedBytesMax = 1_000_000);
        var thread = await runs.NewThreadAsync();
        using var reader = await FollowAsync(runs, thread);
        using var follower = await runs.Runs.FollowAsync(Me, thread, null, fromStart: false, null, Stop);
        var run = await runs.CreateAsync(thread, "hold");
        await runs.HoldOf("hold").Reached.Task;
        using var one = (await follower.NextAsync(null, Stop).WaitAsync(TimeSpan.FromSeconds(20), Stop)).ShouldNotBeNull();
        var first = new List<Entry>();
        for (Take(reader, first); first.Count < 2; Take(reader, first))
        {
            (await reader.WaitAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Stop)).ShouldBeTrue();
        }

        await runs.LoseAsync(run);
        runs.HoldOf("hold").Released.TrySetResult();
        await runs.EndAsync(run);

        var rest = await ReadAsync(reader, runs: 1);
        (first.Concat(rest)).Select(entry => entry.Seq).ShouldBe(first.Concat(rest).Select(entry => entry.Seq).Order());
        rest[^1].IsLast.ShouldBeTrue();
        while (await one.WaitAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Stop))
        {
            _ = one.TryRead();
        }

        using var two = (await follower.NextAsync(null, Stop).WaitAsync(TimeSpan.FromSeconds(20), Stop)).ShouldNotBeNull();
        two.RunId.ShouldBe(run.RunId);
    }

    [Fact]
    public void A_run_with_two_logs_is_read_once()
    {
        var thread = ThreadId.New(TimeProvider.System);
        var (one, two) = (RunId.New(TimeProvider.System), RunId.New(TimeProvider.System));
        RunStream LogOf(RunId run, long order) => new(run, thread, ["values"], new RunsOptions()) { StartOrder = order };
        var next = LogOf(two, 2);
        var log = new ThreadLog();
        log.Add(LogOf(one, 1));
        log.Add(next);
        // A copy of what another server had of it.
        log.Add(LogOf(one, 1));

        var first = log.FindNext(last: null, 0);

        first!.RunId.ShouldBe(one);
        log.FindNext(first, 1).ShouldBe(next);
        log.FindNext(next, 2).ShouldBeNull();
    }

    private static Task<ThreadLogReader> FollowAsync(RunsUnderTest runs, ThreadId thread, long? since = null) =>
        runs.Runs.FollowLogAsync(Me, thread, since, Stop);

    /// <summary>Reads until this many runs have ended.</summary>
    private static async Task<List<Entry>> ReadAsync(ThreadLogReader reader, int runs)
    {
        var read = new List<Entry>();
        while (true)
        {
            Take(reader, read);
            if (read.Count(entry => entry.IsLast) == runs)
            {
                reader.TakeMissed().ShouldBe(0);
                return read;
            }

            (await reader.WaitAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Stop)).ShouldBeTrue();
        }
    }

    private static void Take(ThreadLogReader reader, List<Entry> read)
    {
        for (var batch = reader.TryRead(); !batch.IsEmpty; batch = reader.TryRead())
        {
            foreach (var entry in batch)
            {
                var part = entry.Event.Part;
                var (name, json) = IsOfFirstProtocol(part) ? (part.EventOf(), part.JsonOf()) : (part.GetType().Name, "");
                read.Add(new Entry(entry.Seq, $"{entry.RunId}:{entry.Event.Seq}", name, json, entry.Event.IsTerminal));
            }
        }
    }

    private static long? FirstOf(RunStreamReader reader) => reader.TryRead() is [var first, ..] ? first.Seq : null;

    private static bool IsOfFirstProtocol(StreamPart part) => part.Mode < StreamMode.Lifecycle;

    private sealed record Entry(long Seq, string Id, string Event, string Json, bool IsLast);
}
