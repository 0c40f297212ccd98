using System.Text;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="IMessageStore"/> promises.</summary>
public abstract class MessageStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    [Fact]
    public async Task Messages_are_numbered_by_thread_from_one_in_the_order_they_were_added()
    {
        var thread = await AddThreadAsync();
        var other = await AddThreadAsync();
        var (attempt, ofOther) = (await StartRunAsync(thread.ThreadId), await StartRunAsync(other.ThreadId));
        var run = RunId.New(TimeProvider.System);
        var message = NewMessage(run, "ü");
        await AppendAsync(attempt, 1, NewMessage(run, "first"), message);
        await AppendAsync(ofOther, 1, NewMessage(run, "other"));
        await AppendAsync(attempt, 2, NewMessage(attempt.RunId, "{}"), NewMessage(run, "last"));

        var messages = await MessagesAsync(thread.ThreadId, run);

        messages.Select(read => read.Seq).ShouldBe([1, 2, 4]);
        messages.Select(Text).ShouldBe(["first", "ü", "last"]);
        (messages[1] with { Content = message.Content }).ShouldBe(message with { Seq = 2 });
        (await MessagesAsync(other.ThreadId, run)).Select(read => read.Seq).ShouldBe([1]);
    }

    [Fact]
    public async Task Messages_of_a_run_are_the_first_after_a_number_or_else_the_last()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var (run, other) = (RunId.New(TimeProvider.System), RunId.New(TimeProvider.System));
        await AppendAsync(attempt, 1, NewMessage(run, "1"), NewMessage(other, "2"), NewMessage(attempt.RunId, "3"));
        await AppendAsync(attempt, 2, NewMessage(run, "4"), NewMessage(run, "5"), NewMessage(run, "6"), NewMessage(other, "7"));

        async Task<string> Messages(int limit, long? before, long? after) =>
            string.Join(
                ',',
                (await Storage.Messages.ListByRunAsync(thread.ThreadId, run, limit, before, after, Token)).Select(Text));

        (await Messages(9, null, null)).ShouldBe("1,4,5,6");
        (await Messages(2, null, null)).ShouldBe("5,6");
        (await Messages(2, 6, null)).ShouldBe("4,5");
        (await Messages(2, null, 0)).ShouldBe("1,4");
        (await Messages(2, null, 1)).ShouldBe("4,5");
        (await Messages(9, 6, 1)).ShouldBe("4,5");
        (await Messages(1, 6, 1)).ShouldBe("4");
        (await Messages(9, 1, null)).ShouldBe("");
        (await Messages(9, null, 6)).ShouldBe("");
        (await Storage.Messages.ListByRunAsync(NewThreadId(), run, 9, null, null, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_with_many_bytes_are_read_in_batches()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var run = attempt.RunId;
        for (var i = 1; i <= 10; i++)
        {
            await AppendAsync(attempt, i, NewMessage(run, $"{i} {new string('x', 1_000_000)}"));
        }

        var last = await Storage.Messages.OpenByRunAsync(thread.ThreadId, run, 8, null, null, Token);
        var first = await Storage.Messages.OpenByRunAsync(thread.ThreadId, run, 8, null, 0, Token);
        (last.Count, last.First.Count, first.Count, first.First.Count).ShouldBe((8, 4, 8, 4));
        var messages = await last.ReadAllAsync(Token);
        messages.Select(message => message.Seq).ShouldBe([3, 4, 5, 6, 7, 8, 9, 10]);
        messages.ShouldAllBe(message => Text(message).StartsWith($"{message.Seq} ", StringComparison.Ordinal));
        (await first.ReadAllAsync(Token)).Select(message => message.Seq).ShouldBe([1, 2, 3, 4, 5, 6, 7, 8]);

        // Those that are read later may be gone.
        (await Storage.Runs.DeleteAsync(attempt.Run, attempt.Attempt, null, null, At(1), Token)).ShouldBe(WriteResult.Applied);
        (await last.ReadAllAsync(Token)).Select(message => message.Seq).ShouldBe([3, 4, 5, 6]);
    }

    [Fact]
    public async Task A_number_is_not_given_twice_also_when_its_run_is_deleted()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        await Storage.Checkpoints.PutAsync(
            attempt,
            NewCheckpoint(thread.ThreadId, 1, attempt.RunId),
            [NewMessage(attempt.RunId, "1"), NewMessage(attempt.RunId, "2")],
            Token);

        (await Storage.Runs.DeleteAsync(attempt.Run, attempt.Attempt, null, null, At(1), Token)).ShouldBe(WriteResult.Applied);
        var next = await StartRunAsync(thread.ThreadId);
        await AppendAsync(next, 1, NewMessage(next.RunId, "3"));

        (await MessagesAsync(thread.ThreadId, attempt.RunId)).ShouldBeEmpty();
        (await MessagesAsync(thread.ThreadId, next.RunId)).Select(message => message.Seq).ShouldBe([3]);
    }

    [Fact]
    public async Task Messages_that_are_added_at_once_get_numbers_of_their_own()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var run = RunId.New(TimeProvider.System);

        await Task.WhenAll(
            Enumerable.Range(1, 100)
                .Select(i => Task.Run(() => AppendAsync(attempt, i, NewMessage(run, $"{i}"), NewMessage(run, $"{i}")), Token)));

        (await MessagesAsync(thread.ThreadId, run)).Select(message => message.Seq).ShouldBe(Enumerable.Range(1, 200).Select(i => (long)i));
    }

    private static string Text(MessageRecord message) => Encoding.UTF8.GetString(message.Content.Span);

    private Task AppendAsync(RunAttempt attempt, int checkpoint, params MessageRecord[] messages) =>
        Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(attempt.ThreadId, checkpoint), messages, Token);
}
