using Weft.Graphs;
using Weft.Graphs.Tests.Streaming;

namespace Weft.Runs.Tests.Runs;

/// <summary>Runs that are cancelled, at each point of their lives (docs/protocol/runs.md C8).</summary>
public sealed class RunCancelTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

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
}
