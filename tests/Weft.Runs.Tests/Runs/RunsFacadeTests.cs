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
