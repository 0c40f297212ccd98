using Weft.Graphs;
using Weft.Graphs.Tests.Streaming;

namespace Weft.Runs.Tests.Runs;

/// <summary>What is deleted with a run, and which runs can be (docs/protocol/runs.md).</summary>
public sealed class RunDeletionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

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
}
