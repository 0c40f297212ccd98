using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>A removal whose commit got no answer is repeated, and finds nothing any more.</summary>
public sealed class RemovalTests
{
    [Fact]
    public async Task What_an_earlier_try_has_removed_counts_as_removed()
    {
        var results = new Queue<bool>([false, true, false]);
        var removal = Removal.Of(_ => Task.FromResult(results.Dequeue()));

        (await removal(null!)).ShouldBeFalse();
        (await removal(null!)).ShouldBeTrue();
        (await removal(null!)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_an_earlier_try_has_removed_is_not_missing()
    {
        var results = new Queue<WriteResult>(
            [WriteResult.Missing, WriteResult.Busy, WriteResult.Applied, WriteResult.Missing, WriteResult.Changed]);
        var removal = Removal.Of(_ => Task.FromResult(results.Dequeue()));

        foreach (var expected in (WriteResult[])
            [WriteResult.Missing, WriteResult.Busy, WriteResult.Applied, WriteResult.Applied, WriteResult.Changed])
        {
            (await removal(null!)).ShouldBe(expected);
        }
    }
}
