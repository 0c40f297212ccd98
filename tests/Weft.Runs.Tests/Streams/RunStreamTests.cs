using System.Text;
using CsCheck;
using Weft.Graphs;
using Weft.Graphs.Tests.Streaming;

namespace Weft.Runs.Tests.Streams;

public sealed class RunStreamTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_reader_gets_what_follows_the_event_that_it_has()
    {
        var stream = Stream(5);
        Seqs(stream.Read(-1)).ShouldBe([0, 1, 2, 3, 4]);
        Seqs(stream.Read(2)).ShouldBe([3, 4]);
        Seqs(stream.Read(4)).ShouldBeEmpty();
        // An id of another log, from before a restart.
        Seqs(stream.Read(17)).ShouldBe([0, 1, 2, 3, 4]);
    }

    [Fact]
    public void Who_says_nothing_gets_all_first_and_then_what_is_new()
    {
        var stream = Stream(3);
        Seqs(stream.Read(null)).ShouldBe([0, 1, 2]);
        var second = stream.Read(null);
        Seqs(second).ShouldBeEmpty();
        Append(stream);
        Seqs(second).ShouldBe([3]);
        End(stream);
        Seqs(stream.Read(null)).ShouldBe([4]);
    }

    [Theory]
    [InlineData("values", "metadata values values|sub error end")]
    [InlineData("messages-tuple", "metadata messages messages|sub error end")]
    [InlineData("messages", "metadata messages/partial error end")]
    [InlineData("updates", "metadata updates error end")]
    [InlineData("custom", "metadata error end")]
    public void A_reader_gets_its_modes_and_what_belongs_to_none(string mode, string expected)
    {
        var stream = Stream(0);
        foreach (var (name, json) in (IEnumerable<(string, string)>)[
            ("metadata", """{"attempt":1}"""),
            ("values", "{}"),
            ("values|sub", "{}"),
            ("valuesque", "{}"),
            ("messages", "[]"),
            ("messages|sub", "[]"),
            ("messages/partial", "[]"),
            ("updates", "{}"),
            ("error", """{"name":"E","message":"m"}"""),
            ("end", """{"status":"error"}"""),
        ])
        {
            stream.Append(FirstProtocolEvents.Read(new RunKey(stream.ThreadId, stream.RunId), name, Encoding.UTF8.GetBytes(json)), Noon);
        }

        var names = new List<string>();
        var reader = stream.Read(-1, [mode]);
        foreach (var e in reader.TryRead())
        {
            names.Add(e.Part.EventOf());
        }

        string.Join(' ', names).ShouldBe(expected);
    }

    [Fact]
    public void What_is_over_the_limits_goes_from_the_front_and_is_told_as_missed()
    {
        var stream = Stream(0, new RunsOptions { StreamBytesMax = 10 * (100 + RunEvent.OwnBytes) });
        var early = stream.Read(-1);
        for (var i = 0; i < 100; i++)
        {
            Append(stream, bytes: 100);
        }

        Seqs(early).ShouldBe(Enumerable.Range(90, 10).Select(i => (long)i));
        early.TakeMissed().ShouldBe(90);
        early.TakeMissed().ShouldBe(0);
        stream.Bytes.ShouldBe(10 * (100 + RunEvent.OwnBytes));
    }

    [Fact]
    public void What_is_not_encoded_yet_counts_what_it_refers_to()
    {
        var stream = Stream(0);
        stream.Append(new CustomPart(LazyJson.FromJson(GraphJson.Parse(Encoding.UTF8.GetBytes($"\"{new string('x', 10_000)}\"")))), Noon);

        stream.Bytes.ShouldBeInRange(10_000, 30_000);
    }

    [Fact]
    public void The_newest_event_stays_however_large_it_is_and_no_other()
    {
        var stream = Stream(0, new RunsOptions { StreamBytesMax = 1000 });
        for (var i = 0; i < 20; i++)
        {
            Append(stream, bytes: 100_000);
        }

        Seqs(stream.Read(-1)).ShouldBe([19]);
    }

    /// <summary>
    /// Appends and reads in any order, through growth, wrapping and eviction: each reader gets every event once, or is
    /// told that it is gone.
    /// </summary>
    [Fact]
    public void Every_reader_gets_each_event_once_or_is_told_that_it_is_gone() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 90]).Array[1, 60].Sample(steps =>
        {
            var stream = Stream(0, new RunsOptions { StreamBytesMax = 4000 });
            var readers = new List<(RunStreamReader Reader, List<long> Seen, long From)>();
            long appended = 0;
            long missed = 0;
            foreach (var (kind, count) in steps)
            {
                switch (kind)
                {
                    case 0 or 1 or 2:
                        for (var i = 0; i < count; i++)
                        {
                            Append(stream, bytes: count);
                            appended++;
                        }

                        break;
                    case 3:
                        var after = (count % (appended + 1)) - 1;
                        readers.Add((stream.Read(after), [], after + 1));
                        break;
                    case 4 or 5 when readers.Count > 0:
                        var (reader, seen, _) = readers[count % readers.Count];
                        seen.AddRange(kind == 4 ? Seqs(reader) : Batch(reader));
                        break;
                }
            }

            foreach (var (reader, seen, from) in readers)
            {
                seen.AddRange(Seqs(reader));
                missed = reader.TakeMissed();
                seen.ShouldBe(seen.Distinct().Order());
                (seen.Count + missed).ShouldBe(appended - from);
            }
        });

    [Fact]
    public async Task A_reader_that_waits_is_woken_by_an_event_by_the_end_and_by_others()
    {
        var stream = Stream(0);
        var reader = stream.Read(-1);
        var waiting = reader.WaitAsync().AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        Append(stream);
        (await waiting).ShouldBeTrue();
        Seqs(reader).ShouldBe([0]);

        waiting = reader.WaitAsync().AsTask();
        reader.Wake();
        (await waiting).ShouldBeTrue();
        Seqs(reader).ShouldBeEmpty();

        waiting = reader.WaitAsync().AsTask();
        End(stream);
        (await waiting).ShouldBeTrue();
        Seqs(reader).ShouldBe([1]);
        (await reader.WaitAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_log_that_is_abandoned_ends_without_a_last_event()
    {
        var stream = Stream(1);
        var reader = stream.Read(-1);
        Seqs(reader).ShouldBe([0]);
        var waiting = reader.WaitAsync().AsTask();
        stream.Abandon();
        await waiting;
        Seqs(reader).ShouldBeEmpty();
        (await reader.WaitAsync()).ShouldBeFalse();
    }

    /// <summary>
    /// Readers of all speeds, woken from elsewhere all the time, beside a writer that never waits for them.
    /// </summary>
    [Fact]
    public async Task No_wake_is_lost_and_none_comes_twice()
    {
        const int Events = 20_000;
        var stream = Stream(0, new RunsOptions { StreamBytesMax = long.MaxValue });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromSeconds(20));
        RunStreamReader[] readers = [.. Enumerable.Range(0, 8).Select(_ => stream.Read(-1))];
        var reading = readers.Select((reader, i) => Task.Run(
            async () =>
            {
                long next = 0;
                do
                {
                    foreach (var seq in Batch(reader))
                    {
                        seq.ShouldBe(next++);
                    }

                    if (i % 3 == 0 && next % 7 == 0)
                    {
                        await Task.Yield();
                    }
                }
                while (await reader.WaitAsync());

                return next;
            },
            stop.Token)).ToList();
        var isOver = false;
        var waking = Task.Run(
            () =>
            {
                for (var i = 0; !Volatile.Read(ref isOver); i++)
                {
                    readers[i % readers.Length].Wake();
                }
            },
            stop.Token);
        for (var i = 0; i < Events; i++)
        {
            if (i == Events - 1)
            {
                End(stream);
            }
            else
            {
                Append(stream);
            }

            if (i % 100 == 0)
            {
                await Task.Yield();
            }
        }

        try
        {
            (await Task.WhenAll(reading).WaitAsync(stop.Token)).ShouldAllBe(count => count == Events);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Readers that did not end: {reading.Count(task => !task.IsCompleted)} of {reading.Count}.");
        }
        finally
        {
            Volatile.Write(ref isOver, true);
        }

        await waking;
    }

    private static RunStream Stream(int events, RunsOptions? options = null)
    {
        var stream = new RunStream(new RunId(Guid.NewGuid()), new ThreadId("t"), ["values"], options ?? new RunsOptions());
        for (var i = 0; i < events; i++)
        {
            Append(stream);
        }

        return stream;
    }

    private static void Append(RunStream stream, int bytes = 10) => stream.Append(new ValuesPart(LazyJson.FromUtf8(new byte[bytes])), Noon);

    private static void End(RunStream stream) => stream.Append(new RunEndPart(stream.RunId, RunStatus.Success), Noon);

    private static List<long> Batch(RunStreamReader reader)
    {
        var seqs = new List<long>();
        foreach (var e in reader.TryRead())
        {
            seqs.Add(e.Seq);
        }

        return seqs;
    }

    private static List<long> Seqs(RunStreamReader reader)
    {
        var seqs = new List<long>();
        while (Batch(reader) is { Count: > 0 } batch)
        {
            seqs.AddRange(batch);
        }

        return seqs;
    }
}
