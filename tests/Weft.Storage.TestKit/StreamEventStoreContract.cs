using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="IStreamEventStore"/> promises.</summary>
public abstract class StreamEventStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    [Fact]
    public async Task Events_are_read_in_order_after_a_number_in_pages()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var other = await StartRunAsync((await AddThreadAsync()).ThreadId);
        await Storage.StreamEvents.AppendAsync(attempt, [NewStreamEvent(0), NewStreamEvent(1), NewStreamEvent(2)], Token);
        await Storage.StreamEvents.AppendAsync(other, [NewStreamEvent(0)], Token);
        await Storage.StreamEvents.AppendAsync(attempt, [NewStreamEvent(3)], Token);
        await Storage.StreamEvents.AppendAsync(attempt, [], Token);

        async Task<IEnumerable<long>> Read(long after, int limit) =>
            (await Storage.StreamEvents.ReadAsync(attempt.Run, after, limit, Token)).Select(entry => entry.FirstSeq);

        (await Read(-1, 9)).ShouldBe([0, 1, 2, 3]);
        (await Read(0, 2)).ShouldBe([1, 2]);
        (await Read(3, 9)).ShouldBeEmpty();
        (await Storage.StreamEvents.FindLastSeqAsync(attempt.Run, Token)).ShouldBe(3);
        (await Storage.StreamEvents.FindLastSeqAsync(other.Run, Token)).ShouldBe(0);
        (await Storage.StreamEvents.FindLastSeqAsync((await StartRunAsync((await AddThreadAsync()).ThreadId)).Run, Token)).ShouldBeNull();
        var first = (await Storage.StreamEvents.ReadAsync(attempt.Run, -1, 1, Token))[0];
        (first.LastSeq, first.CreatedAt, first.Format).ShouldBe((0, At(0), 1));
        first.Data.ToArray().ShouldBe([7, 0]);
    }

    [Fact]
    public async Task Events_that_are_appended_again_are_kept_once()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);

        await Storage.StreamEvents.AppendAsync(attempt, [NewStreamEvent(0), NewStreamEvent(1)], Token);
        await Storage.StreamEvents.AppendAsync(attempt, [NewStreamEvent(0), NewStreamEvent(1)], Token);

        (await Storage.StreamEvents.ReadAsync(attempt.Run, -1, 9, Token)).Select(entry => entry.FirstSeq).ShouldBe([0, 1]);
    }

    [Fact]
    public async Task Blocks_are_read_from_the_one_that_has_the_next_event_until_there_are_enough_events()
    {
        var attempt = await StartRunAsync((await AddThreadAsync()).ThreadId);
        await Storage.StreamEvents.AppendAsync(attempt, [NewStreamBlock(0, 9), NewStreamBlock(10, 10), NewStreamBlock(50, 59)], Token);

        async Task<IEnumerable<long>> Read(long after, int limit) =>
            (await Storage.StreamEvents.ReadAsync(attempt.Run, after, limit, Token)).Select(block => block.FirstSeq);

        (await Read(-1, 10)).ShouldBe([0]);
        (await Read(-1, 11)).ShouldBe([0, 10]);
        (await Read(8, 1)).ShouldBe([0]);
        (await Read(8, 2)).ShouldBe([0, 10]);
        (await Read(9, 99)).ShouldBe([10, 50]);
        (await Read(30, 1)).ShouldBe([50]);
        (await Read(58, 99)).ShouldBe([50]);
        (await Read(59, 99)).ShouldBeEmpty();
        (await Storage.StreamEvents.FindLastSeqAsync(attempt.Run, Token)).ShouldBe(59);
        (await Storage.StreamEvents.DeleteOldestAsync(0, Token)).ShouldBe(0);
        await Storage.Runs.FinishAsync(Finish(attempt), Token);
        (await Storage.StreamEvents.DeleteOldestAsync(0, Token)).ShouldBe(21);
    }

    [Fact]
    public async Task A_block_that_is_appended_again_with_more_events_replaces_the_first_one()
    {
        var attempt = await StartRunAsync((await AddThreadAsync()).ThreadId);

        await Storage.StreamEvents.AppendAsync(attempt, [NewStreamBlock(0, 1)], Token);
        await Storage.StreamEvents.AppendAsync(attempt, [NewStreamBlock(0, 4)], Token);

        var stored = await Storage.StreamEvents.ReadAsync(attempt.Run, -1, 99, Token);
        stored.Select(block => (block.FirstSeq, block.LastSeq)).ShouldBe([(0, 4)]);
    }

    [Fact]
    public async Task An_attempt_that_lost_its_run_appends_nothing()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        await Storage.Runs.TryStartAsync(attempt with { Attempt = 2 }, At(2), Token);

        await Should.ThrowAsync<StaleAttemptException>(Storage.StreamEvents.AppendAsync(attempt, [NewStreamEvent(0)], Token));

        (await Storage.StreamEvents.ReadAsync(attempt.Run, -1, 9, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_runs_of_a_thread_are_found_in_the_order_in_which_they_started()
    {
        var (thread, other) = (await AddThreadAsync(), await AddThreadAsync());
        var runs = new List<RunAttempt>();
        for (var i = 0; i < 4; i++)
        {
            runs.Add(await StartRunAsync(thread.ThreadId));
            // The third run has no events.
            await Storage.StreamEvents.AppendAsync(runs[i], i == 2 ? [] : [NewStreamEvent(0), NewStreamEvent(7)], Token);
            await Storage.Runs.FinishAsync(Finish(runs[i]), Token);
        }

        await Storage.StreamEvents.AppendAsync(await StartRunAsync(other.ThreadId), [NewStreamEvent(0)], Token);

        var found = new List<RunId>();
        for (var last = 0L; await Storage.StreamEvents.FindNextRunAsync(thread.ThreadId, last, Token) is { } run; last = run.StartOrder)
        {
            found.Add(run.RunId);
        }

        found.ShouldBe(runs.Select(run => run.RunId));
        await Storage.Runs.DeleteAsync(runs[1].Run, null, null, null, At(20), Token);
        (await Storage.StreamEvents.FindNextRunAsync(thread.ThreadId, 1, Token))!.RunId.ShouldBe(runs[2].RunId);
        (await Storage.StreamEvents.FindNextRunAsync(ThreadId.New(TimeProvider.System), 0, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Of_the_older_runs_of_a_thread_those_that_have_events_are_found()
    {
        var thread = await AddThreadAsync();
        var runs = new List<RunAttempt>();
        for (var i = 0; i < 20; i++)
        {
            runs.Add(await StartRunAsync(thread.ThreadId));
            await Storage.StreamEvents.AppendAsync(runs[i], i == 1 ? [NewStreamEvent(0)] : [], Token);
            await Storage.Runs.FinishAsync(Finish(runs[i]), Token);
        }

        var found = new List<RunId>();
        for (var last = 0L; await Storage.StreamEvents.FindNextRunAsync(thread.ThreadId, last, Token) is { } run; last = run.StartOrder)
        {
            found.Add(run.RunId);
        }

        found.ShouldBe([runs[1].RunId, .. runs[4..].Select(run => run.RunId)]);
    }

    [Fact]
    public async Task The_first_events_of_a_run_go_when_they_are_too_large()
    {
        var runs = new List<RunAttempt>();
        foreach (var count in new[] { 5, 2, 1 })
        {
            var attempt = await StartRunAsync((await AddThreadAsync()).ThreadId);
            runs.Add(attempt);
            await Storage.StreamEvents.AppendAsync(
                attempt, [.. Enumerable.Range(0, count).Select(i => NewStreamEvent(i) with { Data = new byte[100] })], Token);
        }

        await Storage.StreamEvents.AppendAsync(runs[2], [NewStreamEvent(1) with { Data = new byte[1000] }], Token);

        (await Storage.StreamEvents.DeleteFirstAsync(250, Token)).ShouldBe(4);
        (await Storage.StreamEvents.DeleteFirstAsync(250, Token)).ShouldBe(0);

        var left = new List<string>();
        foreach (var run in runs)
        {
            left.Add(string.Join(' ', (await Storage.StreamEvents.ReadAsync(run.Run, -1, 9, Token)).Select(entry => entry.FirstSeq)));
        }

        left.ShouldBe(["3 4", "0 1", "1"]);
    }

    [Fact]
    public async Task Events_of_the_runs_that_ended_first_go_when_there_are_too_many()
    {
        var runs = new List<RunAttempt>();
        for (var i = 0; i < 5; i++)
        {
            var thread = await AddThreadAsync();
            var attempt = await StartRunAsync(thread.ThreadId);
            runs.Add(attempt);
            await Storage.StreamEvents.AppendAsync(
                attempt, [NewStreamEvent(0) with { Data = new byte[100] }], Token);
            if (i > 0)
            {
                await Storage.Runs.FinishAsync(Finish(attempt) with { Now = At(i) }, Token);
            }
        }

        (await Storage.StreamEvents.DeleteOldestAsync(500, Token)).ShouldBe(0);
        (await Storage.StreamEvents.DeleteOldestAsync(350, Token)).ShouldBe(2);

        var left = new List<int>();
        foreach (var run in runs)
        {
            left.Add((await Storage.StreamEvents.ReadAsync(run.Run, -1, 9, Token)).Count);
        }

        left.ShouldBe([1, 0, 0, 1, 1]);
    }

    [Fact]
    public async Task Events_of_runs_that_ended_long_ago_are_removed()
    {
        var runs = new List<RunAttempt>();
        for (var i = 0; i < 120; i++)
        {
            var thread = await AddThreadAsync();
            var attempt = await StartRunAsync(thread.ThreadId);
            runs.Add(attempt);
            await Storage.StreamEvents.AppendAsync(attempt, [NewStreamEvent(0), NewStreamEvent(1)], Token);
            if (i > 0)
            {
                await Storage.Runs.FinishAsync(Finish(attempt) with { Now = At(i) }, Token);
            }
        }

        (await Storage.StreamEvents.DeleteEndedBeforeAsync(At(101), Token)).ShouldBe(200);
        (await Storage.StreamEvents.DeleteEndedBeforeAsync(At(101), Token)).ShouldBe(0);

        (await Storage.StreamEvents.ReadAsync(runs[0].Run, -1, 9, Token)).Count.ShouldBe(2);
        (await Storage.StreamEvents.ReadAsync(runs[100].Run, -1, 9, Token)).ShouldBeEmpty();
        (await Storage.StreamEvents.ReadAsync(runs[101].Run, -1, 9, Token)).Count.ShouldBe(2);
    }
}
