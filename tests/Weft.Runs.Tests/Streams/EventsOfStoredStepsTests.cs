namespace Weft.Runs.Tests.Streams;

/// <summary>An attempt that continues from a checkpoint does not repeat what led to it, so the events of that are stored before.</summary>
public sealed class EventsOfStoredStepsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_events_of_a_superstep_are_stored_when_its_checkpoint_is()
    {
        // The first events of a server are stored at once, and later ones after this time.
        await using var runs = await RunsUnderTest.StartAsync(options => options.StoredEventsInterval = TimeSpan.FromHours(1));
        var thread = await runs.NewThreadAsync();
        var run = await runs.CreateAsync(
            thread, "hold", spec => spec with { StreamResumable = true, StreamModes = ["updates"] });
        await runs.HoldOf("hold").Reached.Task.WaitAsync(TimeSpan.FromSeconds(20), Stop);

        await runs.LoseAsync(run, stops: false);
        // A run behind it makes the server compare its runs with the stored ones now.
        var next = await runs.CreateAsync(thread, "next");
        runs.HoldOf("hold").Released.SetResult();
        (await runs.EndAsync(next)).Status.ShouldBe(RunStatus.Success);
        (await runs.StatusAsync(run)).ShouldBe(RunStatus.Success);

        var events = await runs.EventsAsync(run);
        events.ShouldContain(text => text.Contains("\"note\"", StringComparison.Ordinal), string.Join('\n', events));
        events.ShouldContain(text => text.Contains("\"reply\"", StringComparison.Ordinal), string.Join('\n', events));
    }
}
