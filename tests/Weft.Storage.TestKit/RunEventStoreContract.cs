using System.Text;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="IRunEventStore"/> promises.</summary>
public abstract class RunEventStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    [Fact]
    public async Task Entries_are_numbered_by_thread_from_one_in_the_order_they_were_appended()
    {
        var thread = await AddThreadAsync();
        var other = await AddThreadAsync();
        var (attempt, ofOther) = (await StartRunAsync(thread.ThreadId), await StartRunAsync(other.ThreadId));
        var run = RunId.New(TimeProvider.System);
        var entry = NewEvent(run, "ü") with { Type = "human", Metadata = """{"a":1}""" };
        await AppendAsync(attempt, 1, NewEvent(run, "first"), entry);
        await AppendAsync(ofOther, 1, NewEvent(run, "other"));
        await AppendAsync(attempt, 2, NewEvent(run, "{}", RunEventCategory.Lifecycle), NewEvent(run, "last"));

        var entries = await MessagesAsync(thread.ThreadId, run);

        entries.Select(read => read.Seq).ShouldBe([1, 2, 4]);
        entries.Select(Text).ShouldBe(["first", "ü", "last"]);
        entries[1].Metadata.ShouldBeJson(entry.Metadata);
        (entries[1] with { Content = entry.Content, Metadata = entry.Metadata }).ShouldBe(entry with { Seq = 2 });
        (await MessagesAsync(other.ThreadId, run)).Select(read => read.Seq).ShouldBe([1]);
    }

    [Fact]
    public async Task Messages_of_a_run_are_the_first_after_a_number_or_else_the_last()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var (run, other) = (RunId.New(TimeProvider.System), RunId.New(TimeProvider.System));
        await AppendAsync(attempt, 1, NewEvent(run, "1"), NewEvent(other, "2"), NewEvent(run, "3", RunEventCategory.Lifecycle));
        await AppendAsync(attempt, 2, NewEvent(run, "4"), NewEvent(run, "5"), NewEvent(run, "6"), NewEvent(other, "7"));

        async Task<string> Messages(int limit, long? before, long? after) =>
            string.Join(
                ',',
                (await Storage.RunEvents.ListMessagesByRunAsync(thread.ThreadId, run, limit, before, after, Token)).Select(Text));

        (await Messages(9, null, null)).ShouldBe("1,4,5,6");
        (await Messages(2, null, null)).ShouldBe("5,6");
        (await Messages(2, 6, null)).ShouldBe("4,5");
        (await Messages(2, null, 0)).ShouldBe("1,4");
        (await Messages(2, null, 1)).ShouldBe("4,5");
        (await Messages(9, 6, 1)).ShouldBe("4,5");
        (await Messages(1, 6, 1)).ShouldBe("4");
        (await Messages(9, 1, null)).ShouldBe("");
        (await Messages(9, null, 6)).ShouldBe("");
        (await Storage.RunEvents.ListMessagesByRunAsync(NewThreadId(), run, 9, null, null, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_number_is_not_given_twice_also_when_its_run_is_deleted()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        await Storage.Checkpoints.PutAsync(
            attempt,
            NewCheckpoint(thread.ThreadId, 1, attempt.RunId),
            [NewEvent(attempt.RunId, "1"), NewEvent(attempt.RunId, "2")],
            Token);

        (await Storage.Runs.DeleteAsync(attempt.Run, attempt.Attempt, null, At(1), Token)).ShouldBe(WriteResult.Applied);
        var next = await StartRunAsync(thread.ThreadId);
        await AppendAsync(next, 1, NewEvent(next.RunId, "3"));

        (await MessagesAsync(thread.ThreadId, attempt.RunId)).ShouldBeEmpty();
        (await MessagesAsync(thread.ThreadId, next.RunId)).Select(entry => entry.Seq).ShouldBe([3]);
    }

    [Fact]
    public async Task Entries_that_are_appended_at_once_get_numbers_of_their_own()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var run = RunId.New(TimeProvider.System);

        await Task.WhenAll(
            Enumerable.Range(1, 100)
                .Select(i => Task.Run(() => AppendAsync(attempt, i, NewEvent(run, $"{i}"), NewEvent(run, $"{i}")), Token)));

        (await MessagesAsync(thread.ThreadId, run)).Select(entry => entry.Seq).ShouldBe(Enumerable.Range(1, 200).Select(i => (long)i));
    }

    private static string Text(RunEventRecord entry) => Encoding.UTF8.GetString(entry.Content.Span);

    private Task AppendAsync(RunAttempt attempt, int checkpoint, params RunEventRecord[] entries) =>
        Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(attempt.ThreadId, checkpoint), entries, Token);
}
