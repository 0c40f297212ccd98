using System.Text;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="ICheckpointStore"/> promises.</summary>
public abstract partial class CheckpointStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    [Fact]
    public async Task Places_of_checkpoints_are_listed_without_their_content()
    {
        var thread = await AddThreadAsync();
        var run = await StartRunAsync(thread.ThreadId);
        await Storage.Checkpoints.PutAsync(run, NewCheckpoint(thread.ThreadId, 1, run.RunId), [], Token);
        await Storage.Checkpoints.PutAsync(run, NewCheckpoint(thread.ThreadId, 2, run.RunId, parent: 1), [], Token);
        await Storage.Checkpoints.PutAsync(run, NewCheckpoint(thread.ThreadId, 3, run.RunId, parent: 2), [], Token);

        var places = await Storage.Checkpoints.ListPlacesAsync(thread.ThreadId, "", IdOf(2), 1, 9, Token);

        places.ShouldBe(
            [
                new CheckpointPlace(2, IdOf(2), IdOf(1), 1, run.RunId, false, 3),
                new CheckpointPlace(1, IdOf(1), null, null, run.RunId, false, 3),
            ]);
        (await Storage.Checkpoints.ListPlacesAsync(thread.ThreadId, "", IdOf(3), 3, 3, Token)).ShouldHaveSingleItem().Ordinal.ShouldBe(3);
        (await Storage.Checkpoints.ListPlacesAsync(thread.ThreadId, "other", IdOf(3), 1, 3, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_checkpoint_is_found_as_it_was_put()
    {
        var thread = await AddThreadAsync();
        var edit = NewCheckpoint(thread.ThreadId, 1, source: "update") with { Body = ReadOnlyMemory<byte>.Empty };
        await EditAsync(thread, edit);
        var attempt = await StartRunAsync(thread.ThreadId);
        var body = new byte[70_000];
        new Random(1).NextBytes(body);
        var checkpoint = NewCheckpoint(thread.ThreadId, 2, attempt.RunId, 1, "input", "node:1|sub:2") with { Body = body };

        await Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 1, ns: checkpoint.Namespace), [], Token);
        await Storage.Checkpoints.PutAsync(attempt, checkpoint, [], Token);

        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "node:1|sub:2", checkpoint.CheckpointId, Token))!.ShouldBeSame(checkpoint);
        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", null, Token))!.ShouldBeSame(edit);
        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", IdOf(2), Token)).ShouldBeNull();
        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "other", null, Token)).ShouldBeNull();
        (await Storage.Checkpoints.FindAsync(NewThreadId(), "", null, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task The_head_is_the_checkpoint_with_the_greatest_id()
    {
        var thread = await PutAsync(await AddThreadAsync(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", null, Token))!.Ordinal.ShouldBe(11);
    }

    [Fact]
    public async Task An_attempt_that_lost_its_run_puts_nothing()
    {
        var thread = await AddThreadAsync();
        var old = await StartRunAsync(thread.ThreadId);
        var current = old with { Attempt = 2 };
        await Storage.Runs.TryStartAsync(current, At(2), Token);
        var outcome = new TaskOutcomeRecord("", IdOf(1), "t", new byte[] { 1 });

        await Should.ThrowAsync<StaleAttemptException>(
            Storage.Checkpoints.PutAsync(old, NewCheckpoint(thread.ThreadId, 1), [NewMessage(old.RunId, "1")], Token));
        await Should.ThrowAsync<StaleAttemptException>(Storage.Checkpoints.PutOutcomeAsync(old, outcome, Token));
        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", null, Token)).ShouldBeNull();
        (await ListOutcomesAsync(thread.ThreadId, "", IdOf(1))).ShouldBeEmpty();
        (await MessagesAsync(thread.ThreadId, old.RunId)).ShouldBeEmpty();

        await Storage.Checkpoints.PutAsync(current, NewCheckpoint(thread.ThreadId, 1), [], Token);
        await Storage.Runs.FinishAsync(Finish(current), Token);
        await Should.ThrowAsync<StaleAttemptException>(Storage.Checkpoints.PutAsync(current, NewCheckpoint(thread.ThreadId, 2), [], Token));
    }

    [Fact]
    public async Task Nothing_builds_on_a_checkpoint_that_is_not_stored()
    {
        var thread = await PutAsync(await AddThreadAsync(), 1);
        var attempt = await StartRunAsync(thread.ThreadId);
        var outcome = new TaskOutcomeRecord("", IdOf(2), "t", new byte[] { 1 });

        await Should.ThrowAsync<CheckpointMissingException>(
            Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 3, parent: 2), [NewMessage(attempt.RunId, "3")], Token));
        await Should.ThrowAsync<CheckpointMissingException>(
            Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 3, parent: 1, ns: "sub:1"), [], Token));
        await Should.ThrowAsync<CheckpointMissingException>(Storage.Checkpoints.PutOutcomeAsync(attempt, outcome, Token));
        await Should.ThrowAsync<StaleAttemptException>(
            Storage.Checkpoints.PutAsync(attempt with { Attempt = 9 }, NewCheckpoint(thread.ThreadId, 3, parent: 2), [], Token));

        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", null, Token))!.Ordinal.ShouldBe(1);
        (await ListOutcomesAsync(thread.ThreadId, "", IdOf(2))).ShouldBeEmpty();
        (await MessagesAsync(thread.ThreadId, attempt.RunId)).ShouldBeEmpty();
        await Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 3, parent: 1), [], Token);
    }

    [Fact]
    public async Task A_repeated_write_of_a_checkpoint_is_the_same_write_once()
    {
        var thread = await AddThreadAsync();
        var edit = await EditOfAsync(thread, NewCheckpoint(thread.ThreadId, 1, source: "update"));
        for (var i = 0; i < 2; i++)
        {
            (await Storage.Checkpoints.ApplyEditAsync(edit, Token)).ShouldBe(WriteResult.Applied);
        }

        (await VersionOfAsync(thread)).ShouldBe(edit.Version + 1);
        var attempt = await StartRunAsync(thread.ThreadId);
        for (var i = 0; i < 2; i++)
        {
            await Storage.Checkpoints.PutAsync(
                attempt, NewCheckpoint(thread.ThreadId, 2, attempt.RunId, parent: 1), [NewMessage(attempt.RunId, "2")], Token);
            await Storage.Checkpoints.PutOutcomeAsync(attempt, new TaskOutcomeRecord("", IdOf(2), "t", new byte[] { 1 }), Token);
        }

        (await ListAsync(thread.ThreadId, "", null, 9)).Select(checkpoint => checkpoint.Ordinal).ShouldBe([2, 1]);
        (await ListOutcomesAsync(thread.ThreadId, "", IdOf(2))).Count.ShouldBe(1);
        (await MessagesAsync(thread.ThreadId, attempt.RunId)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_page_has_the_outcomes_of_each_of_its_checkpoints()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        for (var i = 1; i <= 4; i++)
        {
            await Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, i, attempt.RunId, i == 1 ? null : i - 1), [], Token);
            for (var task = 1; task < i; task++)
            {
                await Storage.Checkpoints.PutOutcomeAsync(
                    attempt, new TaskOutcomeRecord("", IdOf(i), $"t{task}", new byte[] { (byte)i }), Token);
            }
        }

        async Task<IEnumerable<string>> Page(CheckpointRange range) =>
            (await Storage.Checkpoints.ReadAsync(thread.ThreadId, "", range, Token)).Entries
                .Select(
                    entry => $"{entry.Checkpoint.Ordinal}:{string.Join(',', entry.Outcomes.Select(outcome => $"{outcome.TaskId}={outcome.Body.Span[0]}"))}");

        (await Page(new CheckpointRange { Limit = 2 })).ShouldBe(["4:t1=4,t2=4,t3=4", "3:t1=3,t2=3"]);
        (await Page(new CheckpointRange { Before = IdOf(3), Limit = 9 })).ShouldBe(["2:t1=2", "1:"]);
        (await Page(new CheckpointRange { Id = IdOf(2), Limit = 1 })).ShouldBe(["2:t1=2"]);
        (await Page(new CheckpointRange { Id = IdOf(9), Limit = 1 })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Heads_of_many_threads_are_those_of_their_root_graphs()
    {
        var (first, second, empty) = (await PutAsync(await AddThreadAsync(), 1, 2), await AddThreadAsync(Bob), await AddThreadAsync());
        await EditAsync(first, NewCheckpoint(first.ThreadId, 3, ns: "sub:1"));
        var attempt = await StartRunAsync(empty.ThreadId);
        await Storage.Runs.FinishAsync(Finish(attempt), Token);
        var edit = await EditOfAsync(second, NewCheckpoint(second.ThreadId, 7));
        await Storage.Checkpoints.ApplyEditAsync(
            edit with { Outcomes = [new TaskOutcomeRecord("", IdOf(7), "t", new byte[] { 1 })] }, Token);

        var heads = await Storage.Checkpoints.FindHeadsAsync([first.ThreadId, second.ThreadId, empty.ThreadId, NewThreadId()], Token);

        heads.Select(head => (head.Checkpoint.ThreadId, head.Checkpoint.Ordinal, head.Outcomes.Count))
            .ShouldBe([(first.ThreadId, 2, 0), (second.ThreadId, 7, 1)], ignoreOrder: true);
        (await Storage.Checkpoints.FindHeadsAsync([], Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stale_attempt_among_many_writes_disturbs_none_of_them()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var stale = attempt with { Attempt = 9 };

        var puts = Enumerable.Range(1, 60)
            .Select(i => Storage.Checkpoints.PutAsync(i % 10 == 0 ? stale : attempt, NewCheckpoint(thread.ThreadId, i), [], Token))
            .ToList();

        await Should.ThrowAsync<StaleAttemptException>(Task.WhenAll(puts));
        puts.Count(put => put.IsFaulted).ShouldBe(6);
        (await RangeAsync(thread.ThreadId, "", 1, 60)).Count.ShouldBe(54);
    }

    [Theory]
    [InlineData("""{"source":"loop","step":-1,"parents":{},"run_id":"R","thread_id":"T","run_attempt":1}""")]
    [InlineData("""{"source":"loop","step":12,"note":{"thread_id":"T","run_id":"R"},"thread_id":"T","run_id":"R"}""")]
    [InlineData("""{"source":"loop","step":12}""")]
    [InlineData("""{"source":"loop","step":99999999999}""")]
    [InlineData("""{"source":"loop","step":1.5}""")]
    [InlineData("""{"source":"input","step":1,"thread_id":"another","run_id":null}""")]
    [InlineData("""{"step":1,"source":"loop","text":"\\u0001\\u0002"}""")]
    [InlineData("{}")]
    public async Task Metadata_is_what_it_was(string metadata)
    {
        var thread = await AddThreadAsync();
        var run = RunId.New(TimeProvider.System);
        metadata = metadata.Replace("\"T\"", $"\"{thread.ThreadId}\"", StringComparison.Ordinal)
            .Replace("\"R\"", $"\"{run}\"", StringComparison.Ordinal);
        string[] all = [metadata, metadata, metadata.Replace("loop", "edit", StringComparison.Ordinal), metadata];
        for (var i = 0; i < all.Length; i++)
        {
            await EditAsync(
                thread, NewCheckpoint(thread.ThreadId, i + 1, i == 2 ? null : run, i == 0 ? null : i) with { Metadata = all[i] });
        }

        var stored = (await ListAsync(thread.ThreadId, "", null, 9)).Reverse().ToList();
        stored.Count.ShouldBe(all.Length);
        foreach (var (checkpoint, text) in stored.Zip(all))
        {
            checkpoint.Metadata.ShouldBeJson(text);
        }
    }

    [Fact]
    public async Task A_range_has_both_its_ends_and_is_ascending()
    {
        var thread = await PutAsync(await AddThreadAsync(), 1, 2, 3, 4, 5, 6);
        await EditAsync(thread, NewCheckpoint(thread.ThreadId, 3, ns: "sub:1"));

        async Task<IEnumerable<long>> Range(long from, long to) =>
            (await RangeAsync(thread.ThreadId, "", from, to)).Select(checkpoint => checkpoint.Ordinal);

        (await Range(2, 4)).ShouldBe([2, 3, 4]);
        (await Range(6, 6)).ShouldBe([6]);
        (await Range(1, 1)).ShouldBe([1]);
        (await Range(0, 99)).ShouldBe([1, 2, 3, 4, 5, 6]);
        (await Range(7, 9)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_range_ends_at_the_checkpoint_that_refers_to_it_and_is_empty_when_that_one_is_removed()
    {
        var thread = await AddThreadAsync();
        await RunAsync(thread, 1);
        var removed = await RunAsync(thread, 2);
        await RunAsync(thread, 3);

        async Task<IEnumerable<long>> Of(int number) =>
            (await Storage.Checkpoints.ReadRangeAsync(thread.ThreadId, "", IdOf(number), 0, 9, Token))
                .Select(checkpoint => checkpoint.Ordinal);

        (await Of(2)).ShouldBe([1, 2]);
        await Storage.Runs.DeleteAsync(new RunKey(thread.ThreadId, removed), null, null, null, At(9), Token);
        (await Of(2)).ShouldBeEmpty();
        (await Of(3)).ShouldBe([1, 2, 3]);
        (await Of(4)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_an_entry_says_stays_when_the_checkpoint_that_said_it_too_is_gone()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var said = $"\"{new string('ü', 100)}\"";
        await Storage.Checkpoints.PutAsync(
            attempt,
            NewCheckpoint(thread.ThreadId, 1, attempt.RunId) with { Body = Encoding.UTF8.GetBytes($"{{\"c\":[{said},1]}}") },
            [NewMessage(attempt.RunId, said) with { Place = new ContentPlace(IdOf(1), 6) }, NewMessage(attempt.RunId, "\"elsewhere\"")],
            Token);
        await Storage.Checkpoints.PutAsync(
            attempt,
            NewCheckpoint(thread.ThreadId, 2, attempt.RunId, parent: 1) with { Body = Encoding.UTF8.GetBytes($"[{said}]") },
            [
                NewMessage(attempt.RunId, said) with { Place = new ContentPlace(IdOf(1), 6) },
                NewMessage(attempt.RunId, said) with { Place = new ContentPlace(IdOf(2), 1) },
            ],
            Token);
        await Storage.Runs.FinishAsync(Finish(attempt), Token);

        async Task<IEnumerable<string>> Said() =>
            (await MessagesAsync(thread.ThreadId, attempt.RunId)).Select(entry => Encoding.UTF8.GetString(entry.Content.Span));

        (await Said()).ShouldBe([said, "\"elsewhere\"", said, said]);
        await PruneAsync(thread, await Storage.Checkpoints.ListHeadsAsync(thread.ThreadId, Token));
        (await Said()).ShouldBe([said, "\"elsewhere\"", said, said]);
    }

    [Fact]
    public async Task A_list_goes_back_from_the_newest_or_from_before_an_id()
    {
        var thread = await PutAsync(await AddThreadAsync(), 1, 2, 3, 4, 5);
        await EditAsync(thread, NewCheckpoint(thread.ThreadId, 9, ns: "sub:1"));

        async Task<IEnumerable<long>> List(CheckpointId? before, int limit) =>
            (await ListAsync(thread.ThreadId, "", before, limit)).Select(checkpoint => checkpoint.Ordinal);

        (await List(null, 2)).ShouldBe([5, 4]);
        (await List(IdOf(4), 2)).ShouldBe([3, 2]);
        (await List(IdOf(2), 9)).ShouldBe([1]);
        (await List(IdOf(1), 9)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_successor_is_the_newest_superstep_that_follows()
    {
        var thread = await AddThreadAsync();
        await EditAsync(thread, NewCheckpoint(thread.ThreadId, 1, source: "input"));
        await EditAsync(thread, NewCheckpoint(thread.ThreadId, 2, parent: 1));
        await EditAsync(thread, NewCheckpoint(thread.ThreadId, 3, parent: 2));
        await EditAsync(thread, NewCheckpoint(thread.ThreadId, 4, parent: 1));
        await EditAsync(thread, NewCheckpoint(thread.ThreadId, 5, parent: 1, source: "update"));

        async Task<IEnumerable<long>> Successors(CheckpointRange range) =>
            (await Storage.Checkpoints.ReadAsync(thread.ThreadId, "", range with { Limit = 1, WithSuccessors = true }, Token))
                .Successors.Select(checkpoint => checkpoint.Ordinal);

        (await Successors(new CheckpointRange { Id = IdOf(1), Limit = 1 })).First().ShouldBe(4);
        (await Successors(new CheckpointRange { Id = IdOf(2), Limit = 1 })).ShouldBe([3]);
        (await Successors(new CheckpointRange { Id = IdOf(4), Limit = 1 })).ShouldBeEmpty();
        (await Successors(new CheckpointRange { Before = IdOf(2), Limit = 1 })).ShouldBe([4, 2]);
        (await Successors(new CheckpointRange { Before = IdOf(3), Limit = 1 })).ShouldBe([4, 3]);
        (await Successors(new CheckpointRange { Before = IdOf(4), Limit = 1 })).ShouldBe([4]);
        (await Successors(new CheckpointRange { Before = IdOf(5), Limit = 1 })).ShouldBeEmpty();
        (await Successors(new CheckpointRange { Limit = 1 })).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_outcome_replaces_the_one_that_its_task_had()
    {
        var thread = await PutAsync(await AddThreadAsync(), 1);
        var attempt = await StartRunAsync(thread.ThreadId);
        await Storage.Checkpoints.PutOutcomeAsync(attempt, new TaskOutcomeRecord("", IdOf(1), "b", new byte[] { 1 }), Token);
        await Storage.Checkpoints.PutOutcomeAsync(attempt, new TaskOutcomeRecord("", IdOf(1), "a", new byte[] { 2 }), Token);
        await Storage.Checkpoints.PutOutcomeAsync(attempt, new TaskOutcomeRecord("", IdOf(1), "b", new byte[] { 3 }), Token);

        var outcomes = await ListOutcomesAsync(thread.ThreadId, "", IdOf(1));

        outcomes.Select(outcome => (outcome.CheckpointId, outcome.TaskId, outcome.Body.Span[0]))
            .ShouldBe([(IdOf(1), "a", 2), (IdOf(1), "b", 3)]);
        (await ListOutcomesAsync(thread.ThreadId, "sub:1", IdOf(1))).ShouldBeEmpty();
    }
}
