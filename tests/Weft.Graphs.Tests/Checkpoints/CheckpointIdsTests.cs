using CsCheck;

namespace Weft.Graphs.Tests.Checkpoints;

public sealed class CheckpointIdsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The clock stands still, goes on and steps back, by a tick or by days.</summary>
    [Fact]
    public void Ids_sort_in_the_order_of_creation_whatever_the_clock_does() =>
        Gen.OneOf(Gen.Const(0L), Gen.Long[-3, 3], Gen.Long[-TimeSpan.TicksPerDay, TimeSpan.TicksPerDay]).Array[1, 50].Sample(clock =>
        {
            var now = Noon;
            var ids = new List<string>();
            foreach (var ticks in clock)
            {
                now = now.AddTicks(ticks);
                ids.Add(CheckpointIds.Next(now, ids.Count - 1, ids.LastOrDefault()));
            }

            ids.ShouldBe(ids.Order(StringComparer.Ordinal));
            ids.Distinct().Count().ShouldBe(ids.Count);
        });

    [Fact]
    public void An_id_is_a_UUID_of_version_6_that_carries_its_time()
    {
        var id = CheckpointIds.Next(Noon, 3, null);
        id.ShouldMatch("^[0-9a-f]{8}-[0-9a-f]{4}-6[0-9a-f]{3}-8003-[0-9a-f]{12}$");
        // RFC 9562: 100 ns since 1582-10-15, the most significant bits first.
        var ticks = Convert.ToInt64(id[..8] + id[9..13] + id[15..18], 16);
        new DateTimeOffset(1582, 10, 15, 0, 0, 0, TimeSpan.Zero).AddTicks(ticks).ShouldBe(Noon);
    }

    [Theory]
    [InlineData("not an id")]
    [InlineData("zzzzzzzz-zzzz-6zzz-8000-000000000000")]
    public void What_is_no_such_id_is_not_in_the_way(string after) => CheckpointIds.Next(Noon, 0, after).Length.ShouldBe(36);
}
