namespace Weft.Runs.Tests.Feed;

/// <summary>What readers of the feed see, and what wakes them.</summary>
public sealed class EventFeedTests
{
    [Fact]
    public async Task A_reader_is_woken_by_the_events_of_its_owner_only()
    {
        var feed = Create(10);
        using var bob = feed.Open("bob", 0);
        using var ada = feed.Open("ada", 0);
        var (toBob, toAda) = (bob.WaitAsync(), ada.WaitAsync());

        Publish(feed, "ada");
        await toAda.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        toBob.IsCompleted.ShouldBeFalse();

        Publish(feed, "bob");
        await toBob.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        ReadShouldBe(bob, [2], null);
    }

    [Fact]
    public void A_reader_misses_nothing_while_others_fill_the_feed()
    {
        var feed = Create(4);
        using var idle = feed.Open("bob", 0);
        for (var i = 0; i < 10; i++)
        {
            Publish(feed, "ada");
        }

        Publish(feed, "bob");

        ReadShouldBe(idle, [11], null);
    }

    [Fact]
    public void A_reader_whose_owner_is_no_longer_known_may_have_missed_events()
    {
        var feed = Create(1);
        Publish(feed, "bob");
        Publish(feed, "ada");

        using (var bob = feed.Open("bob", 0))
        {
            ReadShouldBe(bob, [], 1);
        }

        using var again = feed.Open("bob", 1);
        ReadShouldBe(again, [], null);
        Publish(feed, "bob");
        Publish(feed, "bob");
        ReadShouldBe(again, [4], 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Readers_see_what_is_kept_in_its_order_and_learn_what_is_not(int seed)
    {
        const int Kept = 70;
        var random = new Random(seed);
        var feed = Create(Kept);
        var all = new List<string>();
        var readers = Enumerable.Range(0, 6).Select(number => new Model(feed, $"owner {number % 3}", 0)).ToList();
        for (var i = 0; i < 20_000; i++)
        {
            if (random.Next(3) > 0)
            {
                // The owners are busy in turns, so that the events of one are removed by those of another.
                all.Add($"owner {(i / 500 + random.Next(2)) % 3}");
                Publish(feed, all[^1]);
            }

            var at = random.Next(200);
            if (at < readers.Count)
            {
                readers[at].ReadShouldBe(all, Kept, random.Next(1, 10));
            }
            else if (at == 199)
            {
                readers[0].Dispose();
                readers[0] = new Model(feed, $"owner {random.Next(3)}", all.Count);
            }
        }

        readers.ForEach(static reader => reader.Dispose());
        feed.Readers.ShouldBe(0);
    }

    private static EventFeed Create(int kept) => new(new RunsOptions { FeedEventsMax = kept }, new SharedClock(TimeProvider.System));

    private static void Publish(EventFeed feed, string owner) =>
        feed.Publish(new FeedEvent(FeedEventKind.ThreadCreated, owner, DateTimeOffset.UnixEpoch));

    /// <summary>Reads, and returns the number of the last event that was read or is missing; null if there is none.</summary>
    private static long? ReadShouldBe(FeedReader reader, long[] numbers, long? missed, int max = 10)
    {
        var buffer = new (long Number, FeedEvent Event)[max];
        var count = reader.Read(buffer, out var gap);
        buffer.Take(count).Select(static read => read.Number).ShouldBe(numbers);
        gap.ShouldBe(missed);
        return numbers.Length > 0 ? numbers[^1] : gap;
    }

    /// <summary>A reader, and what it must see.</summary>
    private sealed class Model(EventFeed feed, string owner, long after) : IDisposable
    {
        private readonly FeedReader _reader = feed.Open(owner, after);
        private long _last = after;

        public void ReadShouldBe(List<string> all, int kept, int max)
        {
            var own = Enumerable.Range(1, all.Count).Where(number => number > _last && all[number - 1] == owner).ToList();
            var removed = own.Where(number => number <= all.Count - kept).ToList();
            var expected = own.Skip(removed.Count).Take(max).Select(static number => (long)number).ToArray();
            long? gap = removed.Count > 0 ? removed[^1] : null;

            _last = EventFeedTests.ReadShouldBe(_reader, expected, gap, max) ?? _last;
        }

        public void Dispose() => _reader.Dispose();
    }
}
