namespace Weft.Runs.Tests.Streams;

/// <summary>When the runs of a server store their events.</summary>
public sealed class StoragePaceTests
{
    [Fact]
    public void The_first_does_not_wait()
    {
        new StoragePace(TimeSpan.FromHours(1)).NextAsync().IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task Those_that_follow_store_at_the_same_moment()
    {
        var pace = new StoragePace(TimeSpan.FromMilliseconds(50));
        await pace.NextAsync();
        var since = TimeProvider.System.GetTimestamp();

        var (second, third) = (pace.NextAsync(), pace.NextAsync());
        await second;

        third.ShouldBeSameAs(second);
        TimeProvider.System.GetElapsedTime(since).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(25));
    }

    [Fact]
    public async Task Without_an_interval_nobody_waits()
    {
        var pace = new StoragePace(TimeSpan.Zero);
        await pace.NextAsync();

        pace.NextAsync().IsCompletedSuccessfully.ShouldBeTrue();
    }
}
