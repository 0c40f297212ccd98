using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>Timelines.</summary>
public abstract partial class RunStoreContract
{
    [Fact]
    public async Task A_run_has_the_timelines_of_its_attempts_one_after_the_other()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        (await TimelineAsync(attempt)).ShouldBeNull();

        // Repeated, as after a lost answer.
        (await Storage.Runs.TryReleaseAsync(attempt, Bytes(0, 1, 0xff), At(2), Token)).ShouldBeTrue();
        (await Storage.Runs.TryReleaseAsync(attempt, Bytes(0, 1, 0xff), At(2), Token)).ShouldBeTrue();
        (await TimelineAsync(attempt)).ShouldBe([0, 1, 0xff]);

        // A server that died, and one that does not know.
        await Storage.Runs.TryStartAsync(attempt with { Attempt = 2 }, At(3), Token);
        await Storage.Runs.TryStartAsync(attempt with { Attempt = 3 }, At(4), Token);
        (await Storage.Runs.TryReleaseAsync(attempt with { Attempt = 3 }, null, At(5), Token)).ShouldBeTrue();
        (await TimelineAsync(attempt)).ShouldBe([0, 1, 0xff]);

        var last = attempt with { Attempt = 4 };
        await Storage.Runs.TryStartAsync(last, At(6), Token);
        (await Storage.Runs.FinishAsync(Finish(attempt) with { Timeline = Bytes(7) }, Token)).ShouldBeFalse();
        (await Storage.Runs.FinishAsync(Finish(last) with { Timeline = Bytes(0, 0x80, 3) }, Token)).ShouldBeTrue();
        (await Storage.Runs.FinishAsync(Finish(last) with { Timeline = Bytes(0, 0x80, 3) }, Token)).ShouldBeTrue();
        (await TimelineAsync(attempt)).ShouldBe([0, 1, 0xff, 0, 0x80, 3]);
    }

    [Theory]
    [InlineData(RunStatus.Success)]
    [InlineData(RunStatus.Error)]
    public async Task A_long_timeline_is_kept_and_none_is_none(RunStatus status)
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var other = await StartRunAsync((await AddThreadAsync()).ThreadId);
        var timeline = new byte[200_000];
        new Random(7).NextBytes(timeline);

        (await Storage.Runs.FinishAsync(Finish(attempt) with { Status = status, Timeline = timeline }, Token)).ShouldBeTrue();
        (await Storage.Runs.FinishAsync(Finish(other) with { Status = status }, Token)).ShouldBeTrue();

        (await TimelineAsync(attempt)).ShouldBe(timeline);
        (await TimelineAsync(other)).ShouldBeNull();
        (await Storage.Runs.FindTimelineAsync(attempt.Run with { ThreadId = other.ThreadId }, Token)).ShouldBeNull();
        (await Storage.Runs.FindTimelineAsync(NewRun(thread.ThreadId).Key, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Timelines_of_runs_that_ended_before_a_time_are_removed()
    {
        var old = new List<RunAttempt>();
        for (var i = 0; i < 250; i++)
        {
            var attempt = await StartRunAsync((await AddThreadAsync()).ThreadId);
            await Storage.Runs.FinishAsync(Finish(attempt) with { Timeline = Bytes(1), Now = At(10) }, Token);
            old.Add(attempt);
        }

        var young = await StartRunAsync((await AddThreadAsync()).ThreadId);
        await Storage.Runs.FinishAsync(Finish(young) with { Timeline = Bytes(2), Now = At(20) }, Token);
        var waiting = await StartRunAsync((await AddThreadAsync()).ThreadId);
        await Storage.Runs.TryReleaseAsync(waiting, Bytes(3), At(5), Token);

        (await Storage.Runs.DeleteTimelinesAsync(At(10), Token)).ShouldBe(0);
        (await Storage.Runs.DeleteTimelinesAsync(At(20), Token)).ShouldBe(250);

        (await TimelineAsync(old[0])).ShouldBeNull();
        (await TimelineAsync(old[^1])).ShouldBeNull();
        (await FindAsync(old[0].RunId)).Status.ShouldBe(RunStatus.Success);
        (await TimelineAsync(young)).ShouldBe([2]);
        (await TimelineAsync(waiting)).ShouldBe([3]);
    }

    [Fact]
    public async Task A_timeline_is_removed_with_its_run_and_with_its_thread()
    {
        var thread = await AddThreadAsync();
        var first = await StartRunAsync(thread.ThreadId);
        await Storage.Runs.FinishAsync(Finish(first) with { Timeline = Bytes(1), Thread = new ThreadOutcome(ThreadStatus.Idle) }, Token);
        var second = await StartRunAsync(thread.ThreadId);
        await Storage.Runs.FinishAsync(Finish(second) with { Timeline = Bytes(2), Thread = new ThreadOutcome(ThreadStatus.Idle) }, Token);

        (await Storage.Runs.DeleteAsync(first.Run, null, null, null, At(30), Token)).ShouldBe(WriteResult.Applied);
        (await TimelineAsync(first)).ShouldBeNull();
        (await TimelineAsync(second)).ShouldBe([2]);

        await Storage.Threads.DeleteAsync(Alice, thread.ThreadId, null, Token);
        (await TimelineAsync(second)).ShouldBeNull();
    }

    private static ReadOnlyMemory<byte> Bytes(params byte[] bytes) => bytes;

    private async Task<byte[]?> TimelineAsync(RunAttempt attempt) =>
        (await Storage.Runs.FindTimelineAsync(attempt.Run, Token))?.ToArray();
}
