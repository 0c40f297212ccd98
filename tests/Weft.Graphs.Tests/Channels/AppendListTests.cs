using CsCheck;

namespace Weft.Graphs.Tests.Channels;

public sealed class AppendListTests
{
    /// <summary>Each step appends some items to one of the lists made so far; every list stays what a naive copy is.</summary>
    [Fact]
    public void Lists_that_share_storage_stay_apart_whatever_is_appended_to_which() =>
        Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 6]).List[0, 40].Sample(steps =>
        {
            var lists = new List<(AppendList<int> Shared, int[] Naive)> { (AppendList<int>.Empty, []) };
            var next = 0;
            foreach (var (which, count) in steps)
            {
                var (shared, naive) = lists[which % lists.Count];
                int[] added = [.. Enumerable.Range(next, count)];
                next += count;
                lists.Add((shared.Append(added), [.. naive, .. added]));
            }

            foreach (var (shared, naive) in lists)
            {
                shared.ShouldBe(naive);
                shared.Count.ShouldBe(naive.Length);
                shared.Span.ToArray().ShouldBe(naive);
            }

            foreach (var (older, naiveOlder) in lists)
            {
                foreach (var (newer, naiveNewer) in lists)
                {
                    if (older.IsPrefixOf(newer))
                    {
                        naiveNewer.Take(naiveOlder.Length).ShouldBe(naiveOlder);
                    }
                }
            }
        });

    [Fact]
    public void Appending_to_the_newest_list_does_not_copy()
    {
        var list = AppendList<int>.Empty.Append([1]);
        for (var i = 0; i < 100; i++)
        {
            var longer = list.Append([i]);
            list.IsPrefixOf(longer).ShouldBeTrue();
            list = longer;
        }
    }

    [Fact]
    public void What_lies_past_the_end_is_not_seen()
    {
        var list = AppendList<int>.Empty.Append([1]);
        list.Append([2]);
        Should.Throw<ArgumentOutOfRangeException>(() => list[1]);
    }
}
