namespace Weft.Runs.Tests.Runs;

/// <summary>Wall clocks are set, by time servers and by people. Queues don't stop for it.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task A_queue_goes_on_in_its_order_when_the_clock_is_set_back()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        await server.CreateAsync(thread, "hold", "enqueue");
        await server.HoldOf("hold").Reached.Task;
        await server.CreateAsync(thread, "a", "enqueue");
        server.Time.Step = TimeSpan.FromHours(-1);
        await server.CreateAsync(thread, "b", "enqueue");
        server.Time.Step = TimeSpan.FromHours(-2);
        var last = await server.CreateAsync(thread, "c", "enqueue");

        server.HoldOf("hold").Released.SetResult();

        (await server.EndAsync(last)).Status.ShouldBe(RunStatus.Success);
        (await server.TrailAsync(thread)).ShouldBe("note:hold reply:hold note:a reply:a note:b reply:b note:c reply:c");
    }

    [Fact]
    public async Task A_delay_is_as_long_as_it_was_asked_for_when_the_clock_is_set_back()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var delayed = await server.CreateAsync(
            await server.NewThreadAsync(), "later", spec => spec with { After = TimeSpan.FromSeconds(150) });
        server.Time.Step = TimeSpan.FromHours(-1);
        server.Time.Advance(TimeSpan.FromSeconds(149));
        (await server.StatusAsync(delayed)).ShouldBe(RunStatus.Pending);

        server.Time.Advance(TimeSpan.FromSeconds(1));

        (await server.EndAsync(delayed)).Status.ShouldBe(RunStatus.Success);
    }

    [Fact]
    public async Task A_server_whose_clock_is_behind_that_of_the_one_before_executes_its_runs()
    {
        var first = await RunsUnderTest.StartAsync();
        var thread = await first.NewThreadAsync();
        var running = await first.CreateAsync(thread, "hold", "enqueue");
        await first.HoldOf("hold").Reached.Task;
        var waiting = await first.CreateAsync(thread, "next", "enqueue");
        await first.StopAsync();
        first.Time.Step = TimeSpan.FromHours(-2);

        await using var second = await RunsUnderTest.StartAsync(before: first);

        second.HoldOf("hold").Released.SetResult();
        (await second.EndAsync(running)).Status.ShouldBe(RunStatus.Success);
        (await second.EndAsync(waiting)).Status.ShouldBe(RunStatus.Success);
    }
}
