using Weft.Graphs;
using Weft.Graphs.Tests.Streaming;

namespace Weft.Runs.Tests.Runs;

/// <summary>What happens to a run that meets an unfinished one (docs/protocol/runs.md C3).</summary>
public sealed class MultitaskTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

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
}
