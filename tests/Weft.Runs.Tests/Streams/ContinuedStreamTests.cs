using Weft.Graphs;

namespace Weft.Runs.Tests.Streams;

/// <summary>A run that continues in another log, because another server has taken it over.</summary>
public sealed class ContinuedStreamTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly RunId Run = RunId.New(TimeProvider.System);

    [Fact]
    public async Task A_reader_goes_on_in_the_other_log_after_the_last_event()
    {
        var before = Stream(0, 3);
        var reader = before.Read(-1);
        Read(reader).ShouldBe([0, 1, 2]);
        var wait = reader.WaitAsync();
        wait.IsCompleted.ShouldBeFalse();

        var after = Stream(100, 2);
        before.Continue(after);
        (await wait).ShouldBeTrue();
        Read(reader).ShouldBe([100, 101]);
        reader.TakeMissed().ShouldBe(0);
        after.Append(new RunEndPart(Run, RunStatus.Success), Noon);
        Read(reader).ShouldBe([102]);
        (await reader.WaitAsync()).ShouldBeFalse();
    }

    [Fact]
    public void A_slow_reader_reads_the_first_log_to_its_end()
    {
        var before = Stream(0, 200);
        var reader = before.Read(-1);
        before.Continue(Stream(1_000, 1));
        Read(reader).ShouldBe([.. Enumerable.Range(0, 200), 1_000]);
    }

    [Fact]
    public void Numbers_that_go_on_are_not_read_twice()
    {
        var before = Stream(0, 5);
        var reader = before.Read(-1);
        Read(reader).ShouldBe([0, 1, 2, 3, 4]);
        before.Continue(Stream(0, 8));
        Read(reader).ShouldBe([5, 6, 7]);
    }

    [Fact]
    public void A_reader_is_counted_where_it_reads_and_only_until_it_is_disposed_of()
    {
        var (before, after) = (Stream(0, 1), Stream(10, 1));
        var reader = before.Read(-1);
        before.ReaderCount.ShouldBe(1);
        before.Continue(after);
        Read(reader);
        (before.ReaderCount, after.ReaderCount).ShouldBe((0, 1));
        reader.Dispose();
        reader.Dispose();
        (before.ReaderCount, after.ReaderCount).ShouldBe((0, 0));
    }

    [Fact]
    public void Events_that_are_not_available_are_reported_as_missed()
    {
        var stream = Stream(0, 2);
        var reader = stream.Read(-1);
        Read(reader);
        stream.SkipTo(7);
        stream.Append(new RunErrorPart("E", "m"), Noon);
        Read(reader).ShouldBe([7]);
        reader.TakeMissed().ShouldBe(5);
        stream.SkipTo(3);
        stream.NextSeq.ShouldBe(8);
    }

    private static RunStream Stream(long first, int count)
    {
        var stream = new RunStream(Run, new ThreadId("t"), ["values"], new RunsOptions(), first);
        for (var i = 0; i < count; i++)
        {
            stream.Append(new RunErrorPart("E", "m"), Noon);
        }

        return stream;
    }

    private static List<int> Read(RunStreamReader reader)
    {
        var seqs = new List<int>();
        while (reader.TryRead() is { IsEmpty: false } events)
        {
            foreach (var added in events)
            {
                seqs.Add((int)added.Seq);
            }
        }

        return seqs;
    }
}
