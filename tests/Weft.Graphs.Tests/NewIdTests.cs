using System.Collections.Concurrent;
using Shouldly;

namespace Weft.Graphs.Tests;

public class NewIdTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 10, 20, 30, 456, TimeSpan.Zero);

    [Fact]
    public void Time_ordered_ids_are_uuids_of_version_7_with_their_time()
    {
        var id = NewId.TimeOrdered(new FixedTime());

        (id.Version, id.Variant >> 2).ShouldBe((7, 2));
        id.ToString().Replace("-", "")[..12].ShouldBe($"{Now.ToUnixTimeMilliseconds():x12}");
    }

    [Fact]
    public void Other_ids_are_uuids_of_version_4()
    {
        foreach (var text in (string[])[NewId.Uuid(), NewId.OfMessage()])
        {
            var id = Guid.ParseExact(text, "D");
            (id.Version, id.Variant >> 2).ShouldBe((4, 2));
        }
    }

    [Fact]
    public async Task Threads_that_make_ids_at_the_same_time_make_different_ones()
    {
        var ids = new ConcurrentBag<string>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                ids.Add(NewId.Uuid());
                ids.Add(NewId.TimeOrdered(new FixedTime()).ToString());
            }
        })));

        ids.Distinct().Count().ShouldBe(16_000);
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
