using Microsoft.Extensions.Time.Testing;
using Weft.Graphs;

namespace Weft.Runs.Tests.Items;

public sealed class ItemsFacadeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_whose_time_is_over_are_removed_now_and_then()
    {
        await using var runs = await RunsUnderTest.StartAsync(options => options.SweepInterval = TimeSpan.FromMinutes(2));
        await runs.Items.For(RunsUnderTest.Me)
            .PutAsync(["n"], "k", GraphJson.EmptyObject, new ItemOptions { TimeToLive = TimeSpan.FromMinutes(1) }, Stop);
        // For a clock that stands still, the item is there as long as it is in the file.
        var file = runs.ItemStore.Open(RunsUnderTest.Me, StoreOptions.Default, new FakeTimeProvider(runs.Time.GetUtcNow()));
        runs.Time.Advance(TimeSpan.FromMinutes(1));
        (await file.FindAsync(["n"], "k", refresh: false, Stop)).ShouldNotBeNull();

        runs.Time.Advance(TimeSpan.FromMinutes(1));

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (await file.FindAsync(["n"], "k", refresh: false, limit.Token) is not null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
        }
    }
}
