using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

public sealed class StopGuardTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(50);
    private static readonly RetryPolicy Quickly = new()
    {
        InitialInterval = TimeSpan.FromMilliseconds(1),
        Jitter = false,
        RetryOn = _ => true,
    };

    [Fact]
    public async Task A_node_that_blocks_its_thread_is_left_behind_at_its_timeout_and_can_no_longer_act()
    {
        var tries = 0;
        var released = new TaskCompletionSource();
        var returned = new TaskCompletionSource<string>();
        var graph = New().AddNode(
            "n",
            context =>
            {
                if (++tries > 1)
                {
                    return new StateUpdate().Add(Trail, $"try {tries}");
                }

#pragma warning disable xUnit1031 // To block is what is tested.
                released.Task.GetAwaiter().GetResult();
#pragma warning restore xUnit1031
                context.Write("late");
                try
                {
                    context.Interrupt("late?");
                }
                catch (Exception e)
                {
                    returned.SetResult(e.GetType().Name);
                }

                return new StateUpdate().Add(Trail, "late");
            },
            new NodeOptions { Timeout = TimeSpan.FromMilliseconds(100), Retry = Quickly }).AddNode("wait", async (_, _) =>
            {
                released.SetResult();
                await returned.Task;
                return StateUpdate.None;
            }).Chain("n", "wait").Compile();
        var thread = new ThreadUnderTest(graph);

        (await thread.RunAsync()).TrailOf().ShouldBe(["try 2"]);

        (await returned.Task).ShouldBe(nameof(OperationCanceledException));
        thread.Of(StreamMode.Custom).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stopped_run_is_not_tried_again_and_what_hangs_is_named()
    {
        var tries = 0;
        var entered = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        var abandoned = new List<AbandonedWork>();
        var inside = New().AddNode(
            "hang",
            async (_, _) =>
            {
                tries++;
                entered.TrySetResult();
                await released.Task;
                throw new IOException("flaky");
            },
            new NodeOptions { Retry = Quickly }).Chain("hang").Compile();
        var graph = New().AddNode("outer", inside).Chain("outer").Compile();
        using var stop = new CancellationTokenSource();
        var stopped = new TaskCompletionSource();
        var guard = new StopGuard(Grace, TimeProvider.System, abandoned.Add);
        var run = guard.RunAsync(() => graph.RunAsync(StateUpdate.None, new GraphRunOptions { Guard = guard }, stop.Token), stopped.Task);
        await entered.Task;

        stopped.SetResult();
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(run);
        var left = abandoned.ShouldHaveSingleItem();
        left.Nodes.ShouldBe(["outer|hang"]);
        left.Work.IsCompleted.ShouldBeFalse();
        released.SetResult();
        await left.Work.ContinueWith(_ => { }, TestContext.Current.CancellationToken);
        tries.ShouldBe(1);
    }

    [Fact]
    public async Task Code_that_stops_in_time_is_waited_for()
    {
        var begun = new TaskCompletionSource();
        var cleaned = false;
        var graph = New().AddNode("n", async (_, cancellationToken) =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            finally
            {
                await Task.Delay(20, CancellationToken.None);
                cleaned = true;
            }

            return StateUpdate.None;
        }).Chain("n").Compile();
        using var stop = new CancellationTokenSource();
        var guard = new StopGuard(TimeSpan.FromMinutes(1), TimeProvider.System);
        var run = guard.RunAsync(
            () => graph.RunAsync(StateUpdate.None, new GraphRunOptions { Guard = guard }, stop.Token), Task.CompletedTask);

        await begun.Task;
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(run);
        cleaned.ShouldBeTrue();
    }
}
