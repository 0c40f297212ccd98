using System.Reflection;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;

namespace Weft.Runs.Tests.Runs;

/// <summary>What becomes of runs when another process holds the database for longer than the server waits for it.</summary>
public sealed class StorageFaultTests
{
    [Fact]
    public async Task A_run_that_is_due_while_nothing_can_be_stored_starts_when_it_can()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var due = await server.CreateAsync(thread, "due", spec => spec with { After = TimeSpan.FromSeconds(3) });
        var next = await server.CreateAsync(thread, "hold", spec => spec with { After = TimeSpan.FromSeconds(4) });
        using (server.HoldDatabase())
        {
            server.Time.Advance(TimeSpan.FromSeconds(5));
            await AdvanceAsync(server, 3);
            (await server.StatusAsync(due)).ShouldBe(RunStatus.Pending);
            await Should.ThrowAsync<StorageUnavailableException>(server.CreateAsync(thread, "refused", "enqueue"));
        }

        await UntilAsync(server, async () => await server.StatusAsync(due) == RunStatus.Success);
        server.HoldOf("hold").Released.SetResult();
        (await server.EndAsync(next)).Status.ShouldBe(RunStatus.Success);
        (await server.TrailAsync(thread)).ShouldBe("note:due reply:due note:hold reply:hold");
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Idle);
    }

    [Fact]
    public async Task A_run_that_executes_while_nothing_can_be_stored_goes_on_when_it_can()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var run = await server.CreateAsync(thread, "hold", spec => spec with { Durability = Durability.Sync });
        await server.HoldOf("hold").Reached.Task;
        using (server.HoldDatabase())
        {
            server.HoldOf("hold").Released.SetResult();
            await AdvanceAsync(server, 3);
            (await server.StatusAsync(run)).ShouldBe(RunStatus.Running);
        }

        await UntilAsync(server, async () => await server.StatusAsync(run) != RunStatus.Running);
        (await server.EndAsync(run)).Status.ShouldBe(RunStatus.Success);
        (await server.TrailAsync(thread)).ShouldBe("note:hold reply:hold");
        (await server.EventsAsync(run)).ShouldNotContain(line => line.Contains("error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("DELETE FROM checkpoints WHERE ordinal < 4")]
    [InlineData("UPDATE checkpoints SET body = x'7b22'")]
    public async Task A_run_whose_threads_data_is_damaged_ends_and_others_go_on(string damage)
    {
        var first = await RunsUnderTest.StartAsync();
        var thread = await first.NewThreadAsync();
        await first.EndAsync(await first.CreateAsync(thread, "one"));
        await first.EndAsync(await first.CreateAsync(thread, "two"));
        await first.StopAsync();
        first.Execute(damage);
        await using var server = await RunsUnderTest.StartAsync(before: first);

        var run = await server.CreateAsync(thread, "three");

        await UntilAsync(server, async () => await server.StatusAsync(run) == RunStatus.Error);
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Error);
        var other = await server.NewThreadAsync();
        (await server.EndAsync(await server.CreateAsync(other, "other"))).Status.ShouldBe(RunStatus.Success);
        await server.Threads.DeleteAsync(RunsUnderTest.Me, thread, Token);
    }

    [Fact]
    public async Task A_run_whose_threads_state_is_too_large_to_read_ends()
    {
        var first = await RunsUnderTest.StartAsync();
        var thread = await first.NewThreadAsync();
        await first.EndAsync(await first.CreateAsync(thread, "one"));
        await first.StopAsync();
        await using var server = await RunsUnderTest.StartAsync(before: first, add: services =>
        {
            var stored = services.Single(service => service.ServiceType == typeof(ICheckpointStore));
            services.AddSingleton(provider => LargeStates.Of(
                (ICheckpointStore)ActivatorUtilities.CreateInstance(provider, stored.ImplementationType!)));
        });

        var run = await server.CreateAsync(thread, "two");

        await UntilAsync(server, async () => await server.StatusAsync(run) == RunStatus.Error);
        await server.Threads.DeleteAsync(RunsUnderTest.Me, thread, Token);
    }

    [Fact]
    public async Task An_item_that_a_node_puts_while_nothing_can_be_stored_is_put_when_it_can()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var run = await server.CreateAsync(thread, "hold put");
        await server.HoldOf("hold put").Reached.Task;
        using (server.HoldDatabase())
        {
            server.HoldOf("hold put").Released.SetResult();
            await AdvanceAsync(server, 3);
            (await server.StatusAsync(run)).ShouldBe(RunStatus.Running);
        }

        await UntilAsync(server, async () => await server.StatusAsync(run) != RunStatus.Running);
        (await server.EndAsync(run)).Status.ShouldBe(RunStatus.Success);
        (await FindItemAsync(server, "hold put")).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_run_that_waits_to_put_an_item_can_time_out()
    {
        await using var server = await RunsUnderTest.StartAsync(options => options.RunTimeout = TimeSpan.FromSeconds(20));
        var run = await server.CreateAsync(await server.NewThreadAsync(), "hold put");
        await server.HoldOf("hold put").Reached.Task;
        using (server.HoldDatabase())
        {
            server.HoldOf("hold put").Released.SetResult();
            await AdvanceAsync(server, 3);
            server.Time.Advance(TimeSpan.FromSeconds(20));
            await AdvanceAsync(server, 3);
        }

        await UntilAsync(server, async () => await server.StatusAsync(run) != RunStatus.Running);
        (await server.EndAsync(run)).Status.ShouldBe(RunStatus.Timeout);
        (await FindItemAsync(server, "hold put")).ShouldBeNull();
    }

    [Fact]
    public async Task A_resumable_run_that_streams_more_than_can_be_stored_waits_for_storage()
    {
        await using var server = await RunsUnderTest.StartAsync(options => options.UnsavedBytesMax = 12_000);
        var run = await server.CreateAsync(
            await server.NewThreadAsync(), "hold flood", spec => spec with { StreamResumable = true, StreamModes = ["custom"] });
        await server.HoldOf("hold flood").Reached.Task;
        using (server.HoldDatabase())
        {
            server.HoldOf("hold flood").Released.SetResult();
            await AdvanceAsync(server, 5);
            server.Flooded.ShouldBeInRange(1, 4);
        }

        await UntilAsync(server, async () => await server.StatusAsync(run) != RunStatus.Running);
        (await server.EndAsync(run)).Status.ShouldBe(RunStatus.Success);
        server.Flooded.ShouldBe(20);
        (await server.EventsAsync(run)).Count(line => line.Contains(" custom ", StringComparison.Ordinal)).ShouldBe(20);
    }

    [Fact]
    public async Task Runs_that_wait_to_stream_more_leave_the_thread_pool_to_others()
    {
        ThreadPool.GetMinThreads(out var before, out _);
        await using var server = await RunsUnderTest.StartAsync(options => options.UnsavedBytesMax = 12_000);
        string[] texts = [.. Enumerable.Range(0, 60).Select(number => $"hold {number} flood")];
        var runs = new List<RunRecord>();
        foreach (var text in texts)
        {
            runs.Add(await server.CreateAsync(
                await server.NewThreadAsync(), text, spec => spec with { StreamResumable = true, StreamModes = ["custom"] }));
            await server.HoldOf(text).Reached.Task;
        }

        using (server.HoldDatabase())
        {
            var start = TimeProvider.System.GetTimestamp();
            texts.ToList().ForEach(text => server.HoldOf(text).Released.SetResult());
            for (var i = 0; i < 5; i++)
            {
                // The end of the wait and what follows are other work of the pool.
                await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
            }

            TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        }

        foreach (var run in runs)
        {
            await UntilAsync(server, async () => await server.StatusAsync(run) != RunStatus.Running);
            (await server.EndAsync(run)).Status.ShouldBe(RunStatus.Success);
        }

        ThreadPool.GetMinThreads(out var after, out _);
        after.ShouldBe(before);
    }

    [Fact]
    public async Task A_run_that_waits_to_stream_more_can_be_stopped()
    {
        await using var server = await RunsUnderTest.StartAsync(
            options => (options.UnsavedBytesMax, options.RunTimeout) = (12_000, TimeSpan.FromSeconds(20)));
        var run = await server.CreateAsync(
            await server.NewThreadAsync(), "hold flood", spec => spec with { StreamResumable = true, StreamModes = ["custom"] });
        await server.HoldOf("hold flood").Reached.Task;
        using (server.HoldDatabase())
        {
            server.HoldOf("hold flood").Released.SetResult();
            await AdvanceAsync(server, 3);
            server.Time.Advance(TimeSpan.FromSeconds(20));
            await AdvanceAsync(server, 3);
        }

        await UntilAsync(server, async () => await server.StatusAsync(run) != RunStatus.Running);
        (await server.EndAsync(run)).Status.ShouldBe(RunStatus.Timeout);

        // The run does not wait for its code. The thread of the pool that the code blocks counts until it is free.
        await UntilAsync(server, () => Task.FromResult(server.Executing == 0));
    }

    [Fact]
    public async Task A_run_whose_start_can_not_be_stored_can_be_cancelled()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var due = await server.CreateAsync(thread, "due", spec => spec with { After = TimeSpan.FromSeconds(3) });
        using (server.HoldDatabase())
        {
            server.Time.Advance(TimeSpan.FromSeconds(3));
            await AdvanceAsync(server, 2);
            await Should.ThrowAsync<StorageUnavailableException>(server.Runs.CancelAsync(due, CancelAction.Interrupt, null, Token));
        }

        (await server.Runs.CancelAsync(due, CancelAction.Interrupt, null, Token)).ShouldBeTrue();

        await UntilAsync(server, async () => await server.StatusAsync(due) is RunStatus.Interrupted or RunStatus.Success);
        (await server.StatusAsync(thread)).ShouldNotBe(ThreadStatus.Busy);
    }

    [Theory]
    [InlineData("enqueue")]
    [InlineData("interrupt")]
    [InlineData("rollback")]
    public async Task A_run_that_nobody_executes_is_taken_up_before_the_next_one_of_its_thread(string strategy)
    {
        await using var server = await RunsUnderTest.StartAsync();
        var (thread, lost) = await LoseAsync(server);

        var next = await server.CreateAsync(thread, "next", strategy);

        (await server.EndAsync(next)).Status.ShouldBe(RunStatus.Success);
        (await server.StatusAsync(lost))
            .ShouldBe(strategy switch { "enqueue" => RunStatus.Success, "interrupt" => RunStatus.Interrupted, _ => null });
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Idle);
    }

    [Fact]
    public async Task A_run_that_nobody_executes_counts_as_one_that_has_not_ended()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var (thread, lost) = await LoseAsync(server);
        server.Time.Advance(TimeSpan.FromMinutes(10));
        await UntilAsync(server, async () => await server.StatusAsync(lost) == RunStatus.Success);
        (await server.TrailAsync(thread)).ShouldBe($"note:{Slow} reply:{Slow}");

        (thread, lost) = await LoseAsync(server);
        (await server.Runs.CancelAsync(lost, CancelAction.Interrupt, null, Token)).ShouldBeTrue();
        await UntilAsync(server, async () => await server.StatusAsync(lost) is RunStatus.Interrupted or RunStatus.Success);
        (await server.StatusAsync(thread)).ShouldNotBe(ThreadStatus.Busy);
    }

    [Theory]
    [InlineData("""kwargs = cast('{"input":' AS BLOB)""")]
    [InlineData("""metadata = '{"graph_id":'""")]
    public async Task A_run_that_can_not_be_read_ends_as_failed_and_its_thread_goes_on(string damage)
    {
        var first = await RunsUnderTest.StartAsync();
        var thread = await first.NewThreadAsync();
        var damaged = await first.CreateAsync(thread, "hold", "enqueue");
        await first.HoldOf("hold").Reached.Task;
        var waiting = await first.CreateAsync(thread, "waiting", "enqueue");
        await first.StopAsync();
        first.Execute($"UPDATE runs SET {damage} WHERE run_key = 1");

        var second = await RunsUnderTest.StartAsync(before: first);

        (await second.EndAsync(waiting)).Status.ShouldBe(RunStatus.Success);
        var ended = await second.Runs.FindAsync(RunsUnderTest.Me, thread, damaged.RunId, Token);
        (ended!.Status, ended.Error).ShouldBe((RunStatus.Error, $"The stored data of run {damaged.RunId} can't be read."));
        (await second.EventsAsync(ended)).Select(line => line.Split(' ')[1]).ShouldBe(["error", "end"]);
        await second.StopAsync();

        await using var third = await RunsUnderTest.StartAsync(before: second);

        (await third.EventsAsync(ended))[^1].Split(' ')[1].ShouldBe("end");
        (await third.Runs.DeleteAsync(ended, Token)).ShouldBeTrue();
        (await third.EndAsync(await third.CreateAsync(thread, "more", "reject"))).Status.ShouldBe(RunStatus.Success);
    }

    [Fact]
    public async Task A_server_that_starts_while_nothing_can_be_stored_takes_its_runs_up_later()
    {
        var first = await RunsUnderTest.StartAsync();
        var thread = await first.NewThreadAsync();
        var run = await first.CreateAsync(thread, "hold", "enqueue");
        await first.HoldOf("hold").Reached.Task;
        await first.StopAsync();
        var hold = first.HoldDatabase();

        await using var second = await RunsUnderTest.StartAsync(before: first);

        second.HoldOf("hold").Released.SetResult();
        await AdvanceAsync(second, 3);
        (await second.StatusAsync(run)).ShouldBe(RunStatus.Pending);
        hold.Dispose();
        await UntilAsync(second, async () => await second.StatusAsync(run) == RunStatus.Success);
        (await second.EndAsync(await second.CreateAsync(thread, "next", "reject"))).Status.ShouldBe(RunStatus.Success);
    }

    // Takes half a second.
    private static readonly string Slow = "slow".PadRight(500, '.');

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A run that executes, as far as its row says, and that no coordinator has.</summary>
    private static async Task<(ThreadId Thread, RunRecord Lost)> LoseAsync(RunsUnderTest server)
    {
        var thread = await server.NewThreadAsync();
        var lost = await server.CreateAsync(thread, Slow, spec => spec with { After = TimeSpan.FromSeconds(3600) });
        await server.ForgetAsync(lost);
        server.Execute("UPDATE runs SET status = 'running', attempt = 1, not_before = NULL WHERE status = 'pending'");
        return (thread, lost);
    }

    private static Task<Item?> FindItemAsync(RunsUnderTest server, string key) =>
        server.Items.For(RunsUnderTest.Me).FindAsync(ItemNamespace.Create("texts"), key, cancellationToken: Token);

    private static async Task AdvanceAsync(RunsUnderTest server, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task UntilAsync(RunsUnderTest server, Func<Task<bool>> condition)
    {
        for (var i = 0; !await condition(); i++)
        {
            (i < 600).ShouldBeTrue("It did not happen.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), Token);
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Checkpoints that no memory is left to read.</summary>
    public class LargeStates : DispatchProxy
    {
        private ICheckpointStore _store = null!;

        internal static ICheckpointStore Of(ICheckpointStore store)
        {
            var large = Create<ICheckpointStore, LargeStates>();
            ((LargeStates)(object)large)._store = store;
            return large;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(ICheckpointStore.ReadAsync)
                ? throw new InsufficientMemoryException("The state is too large.")
                : targetMethod.Invoke(_store, args);
    }
}
