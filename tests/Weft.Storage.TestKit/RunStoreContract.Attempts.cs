using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>Starts, cancels and releases.</summary>
public abstract partial class RunStoreContract
{
    [Fact]
    public async Task A_start_wants_the_next_attempt()
    {
        var thread = await AddThreadAsync();
        var run = await AddRunAsync(thread.ThreadId);

        var (first, second) = (FirstOf(run), FirstOf(run) with { Attempt = 2 });
        (await Storage.Runs.TryStartAsync(second, At(1), Token)).ShouldBeNull();
        (await Storage.Runs.TryStartAsync(first with { ThreadId = (await AddThreadAsync()).ThreadId }, At(1), Token)).ShouldBeNull();
        (await Storage.Runs.TryStartAsync(first, At(1), Token)).ShouldNotBeNull();
        (await Storage.Runs.TryStartAsync(first, At(2), Token)).ShouldBeNull();
        (await Storage.Runs.TryStartAsync(second, At(2), Token)).ShouldNotBeNull();
        (await Storage.Runs.TryStartAsync(first with { RunId = RunId.New(TimeProvider.System) }, At(2), Token)).ShouldBeNull();

        var started = await FindAsync(run.RunId);
        started.Status.ShouldBe(RunStatus.Running);
        started.Attempt.ShouldBe(2);
        started.UpdatedAt.ShouldBe(At(2));
    }

    [Fact]
    public async Task A_thread_is_busy_again_when_the_next_run_starts()
    {
        var thread = await AddThreadAsync();
        var first = await StartRunAsync(thread.ThreadId);
        var second = await AddRunAsync(thread.ThreadId);
        await Storage.Runs.FinishAsync(
            Finish(first) with { Status = RunStatus.Error, Thread = new ThreadOutcome(ThreadStatus.Error, Error: "no") }, Token);
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token))!.Status.ShouldBe(ThreadStatus.Error);

        await Storage.Runs.TryStartAsync(FirstOf(second), At(10), Token);

        var busy = (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token))!;
        (busy.Status, busy.UpdatedAt).ShouldBe((ThreadStatus.Busy, At(10)));
    }

    [Fact]
    public async Task One_run_of_a_thread_runs_at_a_time()
    {
        var thread = await AddThreadAsync();
        var first = await StartRunAsync(thread.ThreadId);
        var second = await AddRunAsync(thread.ThreadId);

        (await Storage.Runs.TryStartAsync(FirstOf(second), At(2), Token)).ShouldBeNull();
        (await FindAsync(second.RunId)).Status.ShouldBe(RunStatus.Pending);

        await Storage.Runs.FinishAsync(Finish(first), Token);
        (await Storage.Runs.TryStartAsync(FirstOf(second), At(3), Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Of_many_starts_at_once_on_a_thread_one_wins()
    {
        var thread = await AddThreadAsync();
        var runs = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(() => AddRunAsync(thread.ThreadId, i), Token)));

        var started = await Task.WhenAll(
            runs.Select(run => Task.Run(() => Storage.Runs.TryStartAsync(FirstOf(run), At(50), Token), Token)));

        started.Count(startOrder => startOrder is not null).ShouldBe(1);
        (await Storage.Runs.SearchAsync(Alice, thread.ThreadId, RunStatus.Running, 10, 0, Token)).Count.ShouldBe(1);
        (await Storage.Runs.SearchAsync(Alice, thread.ThreadId, RunStatus.Pending, 100, 0, Token)).Count.ShouldBe(29);
    }

    [Fact]
    public async Task A_cancel_is_kept_with_its_run_and_the_first_one_stands()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var waiting = await AddRunAsync(thread.ThreadId);

        (await Storage.Runs.TryRequestCancelAsync(attempt.Run, new CancelRequest(CancelAction.Rollback), At(2), Token)).ShouldBeTrue();
        (await Storage.Runs.TryRequestCancelAsync(attempt.Run, new CancelRequest(CancelAction.Interrupt, "later"), At(3), Token))
            .ShouldBeTrue();
        (await Storage.Runs.TryRequestCancelAsync(waiting.Key, new CancelRequest(CancelAction.Interrupt, "why"), At(3), Token))
            .ShouldBeTrue();
        await Storage.CloseAsync();

        (await Storage.Runs.FindAsync(Alice, attempt.Run.RunId, Token))!.CancelRequest.ShouldBe(new CancelRequest(CancelAction.Rollback));
        (await Storage.Runs.FindAsync(Alice, waiting.RunId, Token))!.CancelRequest
            .ShouldBe(new CancelRequest(CancelAction.Interrupt, "why"));
    }

    [Fact]
    public async Task What_has_ended_is_not_cancelled()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        await Storage.Runs.FinishAsync(Finish(attempt), Token);

        (await Storage.Runs.TryRequestCancelAsync(attempt.Run, new CancelRequest(CancelAction.Interrupt), At(10), Token)).ShouldBeFalse();
        (await Storage.Runs.TryRequestCancelAsync(new RunKey(thread.ThreadId, RunId.New(TimeProvider.System)), new CancelRequest(CancelAction.Interrupt), At(10), Token))
            .ShouldBeFalse();

        (await FindAsync(attempt.RunId)).CancelRequest.ShouldBeNull();
    }

    [Fact]
    public async Task A_released_run_is_pending_again_and_its_next_attempt_has_a_number_of_its_own()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);

        (await Storage.Runs.TryReleaseAsync(attempt with { Attempt = 2 }, null, At(4), Token)).ShouldBeFalse();
        (await Storage.Runs.TryReleaseAsync(attempt, null, At(4), Token)).ShouldBeTrue();
        (await Storage.Runs.TryReleaseAsync(attempt, null, At(5), Token)).ShouldBeFalse();

        var released = await FindAsync(attempt.RunId);
        (released.Status, released.Attempt).ShouldBe((RunStatus.Pending, 1));
        (await Storage.Runs.TryStartAsync(attempt, At(6), Token)).ShouldBeNull();
        (await Storage.Runs.TryStartAsync(attempt with { Attempt = 2 }, At(6), Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_run_that_starts_at_once_is_refused_when_another_one_has_started_since()
    {
        var thread = await AddThreadAsync();
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token))!.RunsStarted.ShouldBe(0);
        await Storage.Runs.FinishAsync(Finish(await StartRunAsync(thread.ThreadId)), Token);
        var late = NewRun(thread.ThreadId, 2) with { Status = RunStatus.Running, Attempt = 1, StartOrder = 1 };

        (await Storage.Runs.CreateAsync(Creation(late), Token)).ShouldBe(RunCreated.ThreadChanged);
        (await Storage.Runs.CreateAsync(Creation(late with { StartOrder = 2 }), Token)).ShouldBe(RunCreated.Created);
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token))!.RunsStarted.ShouldBe(2);
    }

    [Fact]
    public async Task The_end_of_a_run_may_limit_how_long_its_thread_is_kept()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var ttl = new ThreadTtl(TimeSpan.FromHours(2), PruneStrategy.Delete);

        await Storage.Runs.FinishAsync(Finish(attempt) with { ThreadTtl = ttl }, Token);

        var kept = (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token))!;
        (kept.Ttl, kept.ExpiresAt).ShouldBe((ttl, At(9) + ttl.Duration));
    }

    [Fact]
    public async Task The_order_in_which_the_runs_of_a_thread_began_is_kept()
    {
        var (thread, other) = (await AddThreadAsync(), NewThread());
        var (first, second) = (await AddDelayedAsync(thread.ThreadId), await AddRunAsync(thread.ThreadId));
        var ofOther = NewRun(other.ThreadId) with { Status = RunStatus.Running, Attempt = 1, StartOrder = 1 };
        await Storage.Runs.TryStartAsync(FirstOf(second), At(1), Token);
        await Storage.Runs.TryStartAsync(FirstOf(second) with { Attempt = 2 }, At(2), Token);
        await Storage.Runs.FinishAsync(Finish(FirstOf(second) with { Attempt = 2 }), Token);
        await Storage.Runs.DeleteAsync(second.Key, null, null, null, At(9), Token);
        await Storage.Runs.TryStartAsync(FirstOf(first), At(10), Token);
        await Storage.Runs.FinishAsync(Finish(FirstOf(first)), Token);
        var atOnce = NewRun(thread.ThreadId) with { Status = RunStatus.Running, Attempt = 1, StartOrder = 3 };
        await Storage.Runs.CreateAsync(Creation(atOnce), Token);
        var third = await AddRunAsync(thread.ThreadId);
        await Storage.Runs.CreateAsync(Creation(ofOther, other), Token);
        await Storage.Runs.FinishAsync(Finish(FirstOf(ofOther)), Token);
        var next = await AddRunAsync(other.ThreadId);
        await Storage.Runs.TryStartAsync(FirstOf(next), At(11), Token);

        (await Storage.Runs.SearchAsync(Alice, thread.ThreadId, null, 9, 0, Token)).Select(run => (run.RunId, run.StartOrder))
            .ShouldBe([(third.RunId, 0), (atOnce.RunId, 3), (first.RunId, 2)]);
        (await Storage.Runs.SearchAsync(Alice, other.ThreadId, null, 9, 0, Token)).Select(run => run.StartOrder).ShouldBe([2, 1]);
    }

    [Fact]
    public async Task Crashes_are_counted_anew_when_something_was_stored_in_between()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var checkpoint = NewCheckpoint(thread.ThreadId, 1, attempt.RunId, source: "input");
        await Storage.Checkpoints.PutAsync(attempt, checkpoint, [], Token);
        (await CrashesAsync()).ShouldBe(1);
        await StartAsync(2);
        (await CrashesAsync()).ShouldBe(2);
        await StartAsync(3);
        (await CrashesAsync()).ShouldBe(3);

        await Storage.Checkpoints.PutOutcomeAsync(
            attempt with { Attempt = 3 }, new TaskOutcomeRecord("", checkpoint.CheckpointId, "task", new byte[] { 1 }), Token);
        (await CrashesAsync()).ShouldBe(1);
        await StartAsync(4);
        (await CrashesAsync()).ShouldBe(2);

        await Storage.Runs.TryReleaseAsync(attempt with { Attempt = 4 }, null, At(4), Token);
        await StartAsync(5);
        (await CrashesAsync()).ShouldBe(2);
        await Storage.CloseAsync();
        (await CrashesAsync()).ShouldBe(2);

        async Task StartAsync(int number) =>
            (await Storage.Runs.TryStartAsync(attempt with { Attempt = number }, At(number), Token)).ShouldNotBeNull();
        Task<int> CrashesAsync() => Storage.Runs.CountCrashesAsync(attempt.Run, Token);
    }
}
