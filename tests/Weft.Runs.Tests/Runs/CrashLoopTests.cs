namespace Weft.Runs.Tests.Runs;

/// <summary>Servers that die again and again: what they do to their runs is read from the database, as after a crash.</summary>
public sealed class CrashLoopTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_under_which_servers_died_ends_as_failed_unless_it_got_on_in_between()
    {
        var first = await RunsUnderTest.StartAsync();
        var (stuck, onwards) = (await first.NewThreadAsync(), await first.NewThreadAsync());
        var failing = await first.CreateAsync(stuck, "hold");
        var moving = await first.CreateAsync(onwards, "hold too");
        await first.HoldOf("hold").Reached.Task;
        await first.HoldOf("hold too").Reached.Task;
        await first.StopAsync();
        Crash(first, failing, crashes: 2, hasStored: false);
        Crash(first, moving, crashes: 2, hasStored: true);

        await using var second = await RunsUnderTest.StartAsync(before: first);

        var ended = (await second.Runs.FindAsync(RunsUnderTest.Me, stuck, failing.RunId, Token))!;
        (ended.Status, ended.Error)
            .ShouldBe((RunStatus.Error, "The run was begun 3 times, and each time its server died before anything was stored."));
        (await second.StatusAsync(stuck)).ShouldBe(ThreadStatus.Error);
        second.HoldOf("hold too").Released.SetResult();
        (await second.EndAsync(moving)).Status.ShouldBe(RunStatus.Success);
    }

    [Fact]
    public async Task A_stateless_run_that_is_given_up_leaves_no_thread()
    {
        var first = await RunsUnderTest.StartAsync();
        var run = await first.CreateAsync(null, "hold");
        await first.HoldOf("hold").Reached.Task;
        await first.StopAsync();
        Crash(first, run, crashes: 2, hasStored: false);

        await using var second = await RunsUnderTest.StartAsync(before: first);

        (await second.Runs.FindAsync(RunsUnderTest.Me, run.ThreadId, run.RunId, Token)).ShouldBeNull();
        await Should.ThrowAsync<WeftException>(second.Threads.GetAsync(RunsUnderTest.Me, run.ThreadId, Token));
    }

    [Fact]
    public async Task Runs_that_may_have_killed_their_servers_begin_one_at_a_time()
    {
        var first = await RunsUnderTest.StartAsync();
        var innocent = await first.CreateAsync(await first.NewThreadAsync(), "hold innocent");
        first.Time.Advance(TimeSpan.FromMilliseconds(1));
        var one = await first.CreateAsync(await first.NewThreadAsync(), "hold one");
        first.Time.Advance(TimeSpan.FromMilliseconds(1));
        var other = await first.CreateAsync(await first.NewThreadAsync(), "hold other");
        foreach (var text in (string[])["hold innocent", "hold one", "hold other"])
        {
            await first.HoldOf(text).Reached.Task;
        }

        await first.StopAsync();
        Crash(first, innocent, crashes: 0, hasStored: false);
        Crash(first, one, crashes: 1, hasStored: false);
        Crash(first, other, crashes: 1, hasStored: false);

        await using var second = await RunsUnderTest.StartAsync(before: first);

        await second.HoldOf("hold innocent").Reached.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await second.HoldOf("hold one").Reached.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        var later = await second.CreateAsync(await second.NewThreadAsync(), "hello");
        await second.EndAsync(later);
        second.HoldOf("hold other").Reached.Task.IsCompleted.ShouldBeFalse();
        second.HoldOf("hold one").Released.SetResult();
        (await second.EndAsync(one)).Status.ShouldBe(RunStatus.Success);
        second.HoldOf("hold other").Released.SetResult();
        (await second.EndAsync(other)).Status.ShouldBe(RunStatus.Success);
        second.HoldOf("hold innocent").Released.SetResult();
        (await second.EndAsync(innocent)).Status.ShouldBe(RunStatus.Success);
    }

    /// <summary>Leaves a run as servers that died under it would.</summary>
    private static void Crash(RunsUnderTest server, RunRecord run, int crashes, bool hasStored) => server.Execute($"""
        UPDATE runs
        SET status = 'running', attempt = {crashes} + 1, crashes = {crashes},
            work_at_start = (SELECT count(*) FROM checkpoints WHERE checkpoints.thread_key = runs.thread_key) - {(hasStored ? 1 : 0)}
        WHERE run_id = x'{run.RunId.Value:N}'
        """);
}
