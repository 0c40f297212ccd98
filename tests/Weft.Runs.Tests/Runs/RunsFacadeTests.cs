using System.Text.Json;
using Weft.Graphs;
using Weft.Graphs.Tests.Streaming;

namespace Weft.Runs.Tests.Runs;

/// <summary>The life of runs on SQLite, without HTTP (docs/protocol/runs.md C1 to C11).</summary>
public sealed class RunsFacadeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_ends_with_its_values_stored()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var (run, ended) = await server.Runs.CreateAndWaitAsync(RunsUnderTest.Me, RunsUnderTest.Spec(thread, "a"), Stop);
        var outcome = await ended.WaitAsync(TimeSpan.FromSeconds(20), Stop);
        (outcome.Status, outcome.Failure).ShouldBe((RunStatus.Success, null));
        RunsUnderTest.ValuesOf(outcome).ShouldBe("""{"text":"a","trail":["note:a","reply:a"]}""");
        (await server.StatusAsync(run)).ShouldBe(RunStatus.Success);
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Idle);
        RunsUnderTest.ValuesOf(await server.EndAsync(run)).ShouldBe("""{"text":"a","trail":["note:a","reply:a"]}""");
    }

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

        // The checkpoints go that the states are in: what can't be told any more is told as missed.
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

    [Fact]
    public async Task Runs_that_wait_start_one_by_one_in_the_order_of_creation()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var runs = new List<RunRecord>();
        for (var i = 0; i < 20; i++)
        {
            runs.Add(await server.CreateAsync(thread, $"{i}"));
        }

        foreach (var run in runs)
        {
            (await server.EndAsync(run)).Status.ShouldBe(RunStatus.Success);
        }

        (await server.TrailAsync(thread)).ShouldBe(string.Join(' ', Enumerable.Range(0, 20).Select(i => $"note:{i} reply:{i}")));
        server.ExecutingMax.ShouldBe((1, 1));
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Idle);
    }

    [Fact]
    public async Task Runs_of_many_threads_that_are_created_at_once_all_end()
    {
        await using var server = await RunsUnderTest.StartAsync(options => options.ConcurrentRunsMax = 3);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            var (_, ended) = await server.Runs.CreateAndWaitAsync(RunsUnderTest.Me, RunsUnderTest.Spec(null, $"{i}"), Stop);
            return RunsUnderTest.ValuesOf(await ended.WaitAsync(TimeSpan.FromSeconds(20), Stop));
        }));
        outcomes.ShouldBe(Enumerable.Range(0, 60).Select(i => $$"""{"text":"{{i}}","trail":["note:{{i}}","reply:{{i}}"]}"""));
        server.ExecutingMax.OfAll.ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_delayed_run_waits_for_its_time_and_those_that_are_due_before_it_go_first()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var late = await server.CreateAsync(thread, "late", spec => spec with { After = TimeSpan.FromSeconds(60) });
        var soon = await server.CreateAsync(thread, "soon", spec => spec with { After = TimeSpan.FromSeconds(30) });
        (await server.StatusAsync(late)).ShouldBe(RunStatus.Pending);
        await server.EndAsync(await server.CreateAsync(thread, "now"));
        server.Time.Advance(TimeSpan.FromSeconds(29));
        (await server.StatusAsync(soon)).ShouldBe(RunStatus.Pending);
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.EndAsync(soon);
        (await server.StatusAsync(late)).ShouldBe(RunStatus.Pending);
        server.Time.Advance(TimeSpan.FromSeconds(30));
        await server.EndAsync(late);
        (await server.TrailAsync(thread)).ShouldBe("note:now reply:now note:soon reply:soon note:late reply:late");
    }

    [Fact]
    public async Task Reject_refuses_and_stores_nothing()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var run = await server.CreateAsync(thread, "hold");
        (await Should.ThrowAsync<WeftException>(() => server.CreateAsync(thread, "b", "reject"))).Kind.ShouldBe(ProblemKind.Conflict);
        (await server.Runs.SearchAsync(RunsUnderTest.Me, thread, null, 10, 0, Stop)).Select(found => found.RunId).ShouldBe([run.RunId]);
        server.HoldOf("hold").Released.SetResult();
        await server.EndAsync(run);
        await server.EndAsync(await server.CreateAsync(thread, "b", "reject"));
    }

    [Fact]
    public async Task Interrupt_puts_the_new_run_on_top_of_the_partial_work()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var first = await server.CreateAsync(thread, "hold");
        await server.HoldOf("hold").Reached.Task;
        var waiting = await server.CreateAsync(thread, "waits");
        var second = await server.CreateAsync(thread, "b", "interrupt");
        (await server.EndAsync(second)).Status.ShouldBe(RunStatus.Success);
        (await server.TrailAsync(thread)).ShouldBe("note:hold note:b reply:b");
        (await server.StatusAsync(first)).ShouldBe(RunStatus.Interrupted);
        (await server.StatusAsync(waiting)).ShouldBe(RunStatus.Interrupted);
        (await server.EventsAsync(first))[^1].ShouldContain("cancel");
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Idle);
    }

    [Fact]
    public async Task Rollback_leaves_only_the_work_of_the_new_run()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        await server.EndAsync(await server.CreateAsync(thread, "before"));
        var first = await server.CreateAsync(thread, "hold");
        await server.HoldOf("hold").Reached.Task;
        var waiting = await server.CreateAsync(thread, "waits");
        var second = await server.CreateAsync(thread, "b", "rollback");
        (await server.EndAsync(second)).Status.ShouldBe(RunStatus.Success);
        (await server.TrailAsync(thread)).ShouldBe("note:before reply:before note:b reply:b");
        (await server.StatusAsync(first)).ShouldBeNull();
        (await server.StatusAsync(waiting)).ShouldBeNull();
    }

    [Theory]
    [InlineData(CancelAction.Interrupt)]
    [InlineData(CancelAction.Rollback)]
    public async Task A_cancelled_run_stops_and_its_thread_stands_at_what_is_left(object cancel)
    {
        var action = (CancelAction)cancel;
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        await server.EndAsync(await server.CreateAsync(thread, "before"));
        var run = await server.CreateAsync(thread, "hold");
        await server.HoldOf("hold").Reached.Task;
        (await server.Runs.CancelAsync(run, action, null, Stop)).ShouldBeTrue();
        (await server.EndAsync(run)).Status.ShouldBe(RunStatus.Interrupted);
        var isRollback = action == CancelAction.Rollback;
        (await server.StatusAsync(run)).ShouldBe(isRollback ? null : RunStatus.Interrupted);
        (await server.StatusAsync(thread)).ShouldBe(isRollback ? ThreadStatus.Idle : ThreadStatus.Interrupted);
        (await server.TrailAsync(thread)).ShouldBe(isRollback ? "note:before reply:before" : "note:before reply:before note:hold");
        (await server.Runs.CancelAsync(run, action, null, Stop)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_run_that_waits_is_cancelled_at_once_and_never_starts()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var first = await server.CreateAsync(thread, "hold");
        var waiting = await server.CreateAsync(thread, "waits");
        await server.Runs.CancelAsync(waiting, CancelAction.Interrupt, "enough", Stop);
        (await server.Runs.FindAsync(RunsUnderTest.Me, thread, waiting.RunId, Stop))!.ShouldSatisfyAllConditions(
            run => run.Status.ShouldBe(RunStatus.Interrupted), run => run.Error.ShouldBe("enough"));
        server.HoldOf("hold").Released.SetResult();
        await server.EndAsync(first);
        (await server.TrailAsync(thread)).ShouldBe("note:hold reply:hold");
    }

    [Theory]
    [InlineData(CancelAction.Interrupt)]
    [InlineData(CancelAction.Rollback)]
    public async Task A_run_that_waits_for_others_to_execute_is_cancelled_at_once(object cancel)
    {
        var action = (CancelAction)cancel;
        await using var server = await RunsUnderTest.StartAsync(options => options.ConcurrentRunsMax = 1);
        var executing = await server.CreateAsync(await server.NewThreadAsync(), "hold");
        await server.HoldOf("hold").Reached.Task;
        var thread = await server.NewThreadAsync();
        var run = await server.CreateAsync(thread, "a");
        var next = await server.CreateAsync(thread, "b");
        var last = await server.CreateAsync(await server.NewThreadAsync(), "c");

        (await server.Runs.CancelAsync(run, action, null, Stop)).ShouldBeTrue();

        (await server.EndAsync(run)).Status.ShouldBe(RunStatus.Interrupted);
        (await server.StatusAsync(run)).ShouldBe(action == CancelAction.Rollback ? null : RunStatus.Interrupted);
        (await server.StatusAsync(executing)).ShouldBe(RunStatus.Running);
        (await server.EventsAsync(run)).ShouldHaveSingleItem().ShouldContain(" cancel ");
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Busy);
        server.HoldOf("hold").Released.SetResult();
        await server.EndAsync(next);
        await server.EndAsync(last);
        (await server.TrailAsync(thread)).ShouldBe("note:b reply:b");
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Idle);
    }

    [Fact]
    public async Task Cancelling_all_lets_no_run_start_in_between()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var runs = new List<RunRecord> { await server.CreateAsync(thread, "hold") };
        await server.HoldOf("hold").Reached.Task;
        for (var i = 0; i < 5; i++)
        {
            runs.Add(await server.CreateAsync(thread, $"{i}"));
        }

        await server.Runs.CancelAllAsync(RunsUnderTest.Other, null, CancelAction.Interrupt, Stop);
        (await server.StatusAsync(runs[0])).ShouldBe(RunStatus.Running);
        await server.Runs.CancelAllAsync(RunsUnderTest.Me, null, CancelAction.Interrupt, Stop);
        foreach (var run in runs)
        {
            await server.EndAsync(run);
            (await server.StatusAsync(run)).ShouldBe(RunStatus.Interrupted);
        }

        (await server.TrailAsync(thread)).ShouldBe("note:hold");
    }

    [Fact]
    public async Task A_failure_is_the_run_s_and_the_thread_s_and_can_be_left_behind()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var run = await server.CreateAsync(thread, "fail");
        (await server.EndAsync(run)).Failure.ShouldNotBeNull().Message.ShouldBe("no luck");
        (await server.StatusAsync(run)).ShouldBe(RunStatus.Error);
        (await server.Threads.GetAsync(RunsUnderTest.Me, thread, Stop)).Thread.ShouldSatisfyAllConditions(
            record => record.Status.ShouldBe(ThreadStatus.Error), record => record.Error.ShouldBe("no luck"));
        (await server.EventsAsync(run)).Select(e => e.Split(' ')[1]).TakeLast(2).ShouldBe(["error", "end"]);
        await server.EndAsync(await server.CreateAsync(thread, "a"));
        (await server.Threads.GetAsync(RunsUnderTest.Me, thread, Stop)).Thread.ShouldSatisfyAllConditions(
            record => record.Status.ShouldBe(ThreadStatus.Idle), record => record.Error.ShouldBeNull());
        (await server.TrailAsync(thread)).ShouldBe("note:fail note:a reply:a");
    }

    [Fact]
    public async Task A_question_leaves_the_thread_waiting_until_a_run_brings_the_answer()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var outcome = await server.EndAsync(await server.CreateAsync(thread, "ask"));
        outcome.Status.ShouldBe(RunStatus.Success);
        RunsUnderTest.ValuesOf(outcome).ShouldContain("\"__interrupt__\":[{\"id\":");
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Interrupted);
        await server.EndAsync(
            await server.CreateAsync(thread, "", spec => spec with { Input = null, Command = JsonElement.Parse("""{"resume":"yes"}""") }));
        (await server.TrailAsync(thread)).ShouldBe("note:ask reply:yes");
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Idle);
    }

    [Fact]
    public async Task A_run_that_takes_too_long_ends_as_timeout()
    {
        await using var server = await RunsUnderTest.StartAsync(options => options.RunTimeout = TimeSpan.FromMinutes(2));
        var run = await server.CreateAsync(await server.NewThreadAsync(), "hold");
        await server.HoldOf("hold").Reached.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        server.Time.Advance(TimeSpan.FromMinutes(2));
        (await server.EndAsync(run)).Status.ShouldBe(RunStatus.Timeout);
        (await server.StatusAsync(run)).ShouldBe(RunStatus.Timeout);
    }

    [Fact]
    public async Task A_deleted_run_takes_its_checkpoints_along()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        await server.EndAsync(await server.CreateAsync(thread, "a"));
        var run = await server.CreateAsync(thread, "hold");
        await server.HoldOf("hold").Reached.Task;
        (await server.Runs.DeleteAsync(run, Stop)).ShouldBeTrue();
        (await server.StatusAsync(run)).ShouldBeNull();
        (await server.TrailAsync(thread)).ShouldBe("note:a reply:a");
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Idle);
        (await server.Runs.DeleteAsync(run, Stop)).ShouldBeFalse();
        await server.EndAsync(await server.CreateAsync(thread, "b"));
        (await server.TrailAsync(thread)).ShouldBe("note:a reply:a note:b reply:b");
    }

    [Fact]
    public async Task A_run_in_the_middle_can_be_deleted_and_the_later_state_stays()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        await server.EndAsync(await server.CreateAsync(thread, "a"));
        var middle = await server.CreateAsync(thread, "b");
        await server.EndAsync(middle);
        await server.EndAsync(await server.CreateAsync(thread, "c"));
        await server.Runs.DeleteAsync(middle, Stop);
        (await server.TrailAsync(thread)).ShouldBe("note:a reply:a note:b reply:b note:c reply:c");
        var history = await server.States.ReadHistoryAsync(RunsUnderTest.Me, thread, "", 100, null, null, Stop).ToListAsync(Stop);
        history.Count.ShouldBe(8);
    }

    [Fact]
    public async Task What_a_run_that_executes_builds_on_cannot_be_deleted()
    {
        await using var server = await RunsUnderTest.StartAsync(options => options.CachedThreadsMax = 1);
        var thread = await server.NewThreadAsync();
        var first = await server.CreateAsync(thread, "a");
        await server.EndAsync(first);
        var second = await server.CreateAsync(thread, "hold", spec => spec with { Durability = Durability.Exit });
        await server.HoldOf("hold").Reached.Task;
        (await Should.ThrowAsync<WeftException>(() => server.Runs.DeleteAsync(first, Stop))).Kind.ShouldBe(ProblemKind.Conflict);
        server.HoldOf("hold").Released.SetResult();
        await server.EndAsync(second);
        (await server.Runs.DeleteAsync(first, Stop)).ShouldBeTrue();
        var history = await server.States.ReadHistoryAsync(RunsUnderTest.Me, thread, "", 10, null, null, Stop).ToListAsync(Stop);
        RunsUnderTest.TrailOf(history.ShouldHaveSingleItem()).ShouldBe("note:a reply:a note:hold reply:hold");
    }

    [Fact]
    public async Task A_run_that_is_deleted_while_it_executes_is_gone_before_the_next_one_begins()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var run = await server.CreateAsync(thread, "hold");
        await server.HoldOf("hold").Reached.Task;
        var next = await server.CreateAsync(thread, "next");
        var last = await server.CreateAsync(thread, "last");
        (await server.Runs.DeleteAsync(last, Stop)).ShouldBeTrue();
        (await server.Runs.DeleteAsync(run, Stop)).ShouldBeTrue();
        await server.EndAsync(next);
        (await server.TrailAsync(thread)).ShouldBe("note:next reply:next");
        (await server.Runs.SearchAsync(RunsUnderTest.Me, thread, null, 10, 0, Stop)).Select(found => found.RunId).ShouldBe([next.RunId]);
    }

    [Fact]
    public async Task The_thread_of_a_run_without_one_goes_with_it_unless_it_is_kept()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var gone = await server.CreateAsync(null, "a");
        RunsUnderTest.ValuesOf(await server.EndAsync(gone)).ShouldNotBeNull();
        (await server.Threads.FindAsync(RunsUnderTest.Me, gone.ThreadId, Stop)).ShouldBeNull();
        (await server.StatusAsync(gone)).ShouldBeNull();
        var kept = await server.CreateAsync(null, "b", spec => spec with { KeepThread = true });
        await server.EndAsync(kept);
        (await server.TrailAsync(kept.ThreadId)).ShouldBe("note:b reply:b");
    }

    [Fact]
    public async Task What_is_another_s_is_not_there()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var run = await server.CreateAsync(thread, "a");
        await server.EndAsync(run);
        (await server.Runs.FindAsync(RunsUnderTest.Other, thread, run.RunId, Stop)).ShouldBeNull();
        foreach (var create in (bool[])[true, false])
        {
            (await Should.ThrowAsync<WeftException>(() => server.Runs.CreateBackgroundAsync(
                RunsUnderTest.Other,
                RunsUnderTest.Spec(thread, "x") with { CreateThread = create },
                Stop))).Kind.ShouldBe(ProblemKind.NotFound);
        }

        (await server.TrailAsync(thread)).ShouldBe("note:a reply:a");
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, 1000)]
    [InlineData(false, 1000)]
    public async Task That_another_s_thread_is_busy_or_full_is_not_told(bool create, int queuedMax)
    {
        await using var server = await RunsUnderTest.StartAsync(options => options.QueuedRunsPerThreadMax = queuedMax);
        var thread = await server.NewThreadAsync();
        await server.CreateAsync(thread, "hold");
        await server.CreateAsync(thread, "waits");
        foreach (var strategy in Enum.GetValues<MultitaskStrategy>())
        {
            (await Should.ThrowAsync<WeftException>(() => server.Runs.CreateBackgroundAsync(
                RunsUnderTest.Other,
                RunsUnderTest.Spec(thread, "x") with { CreateThread = create, MultitaskStrategy = strategy },
                Stop))).Kind.ShouldBe(ProblemKind.NotFound);
        }

        (await server.Runs.SearchAsync(RunsUnderTest.Me, thread, null, 10, 0, Stop))
            .Select(run => run.Status)
            .ShouldBe([RunStatus.Pending, RunStatus.Running]);
    }

    [Fact]
    public async Task A_run_on_a_thread_or_a_checkpoint_that_is_not_there_is_refused()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var missing = new ThreadId(Guid.NewGuid().ToString());
        (await Should.ThrowAsync<WeftException>(() => server.CreateAsync(missing, "a"))).Kind.ShouldBe(ProblemKind.NotFound);
        await server.EndAsync(await server.CreateAsync(missing, "a", spec => spec with { CreateThread = true }));
        (await Should.ThrowAsync<WeftException>(() => server.CreateAsync(missing, "a", spec => spec with { CheckpointId = "none" })))
            .Kind.ShouldBe(ProblemKind.NotFound);
        (await server.TrailAsync(missing)).ShouldBe("note:a reply:a");
    }

    [Fact]
    public async Task A_thread_has_so_many_runs_waiting_and_no_more()
    {
        await using var server = await RunsUnderTest.StartAsync(options => options.QueuedRunsPerThreadMax = 1);
        var thread = await server.NewThreadAsync();
        await server.CreateAsync(thread, "hold");
        await server.CreateAsync(thread, "a");
        (await Should.ThrowAsync<WeftException>(() => server.CreateAsync(thread, "b"))).Kind.ShouldBe(ProblemKind.Conflict);
        // What takes the place of others does not wait behind them.
        (await server.EndAsync(await server.CreateAsync(thread, "c", "interrupt"))).Status.ShouldBe(RunStatus.Success);
    }

    [Fact]
    public async Task An_exit_run_keeps_one_checkpoint_and_forks_start_from_any()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        await server.EndAsync(await server.CreateAsync(thread, "a", spec => spec with { Durability = Durability.Exit }));
        await server.EndAsync(await server.CreateAsync(thread, "b", spec => spec with { Durability = Durability.Exit }));
        var history = await server.States.ReadHistoryAsync(RunsUnderTest.Me, thread, "", 100, null, null, Stop).ToListAsync(Stop);
        history.Count.ShouldBe(2);
        await server.EndAsync(await server.CreateAsync(thread, "c", spec => spec with { CheckpointId = history[1].Checkpoint.Id }));
        (await server.TrailAsync(thread)).ShouldBe("note:a reply:a note:c reply:c");
    }
}
