using System.Text;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>Edits, removals and prunes of checkpoints.</summary>
public abstract partial class CheckpointStoreContract
{
    [Fact]
    public async Task A_removed_checkpoint_that_later_ones_may_need_is_hidden_but_still_read_in_ranges()
    {
        var thread = await AddThreadAsync();
        var removed = await RunAsync(thread, 1, 2);
        await RunAsync(thread, 3);

        await Storage.Runs.DeleteAsync(new RunKey(thread.ThreadId, removed), null, null, null, At(9), Token);

        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", IdOf(2), Token)).ShouldBeNull();
        (await ListAsync(thread.ThreadId, "", null, 9)).Select(checkpoint => checkpoint.Ordinal).ShouldBe([3]);
        var ofFirst = new CheckpointRange { Id = IdOf(1), Limit = 1, WithSuccessors = true };
        (await Storage.Checkpoints.ReadAsync(thread.ThreadId, "", ofFirst, Token)).Successors.ShouldBeEmpty();
        (await ListOutcomesAsync(thread.ThreadId, "", IdOf(2))).ShouldBeEmpty();
        (await RangeAsync(thread.ThreadId, "", 1, 3)).Select(checkpoint => checkpoint.Ordinal).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Hidden_checkpoints_go_with_the_last_one_that_may_need_them_so_that_ordinals_are_free()
    {
        var thread = await AddThreadAsync();
        await RunAsync(thread, 1);
        var second = await RunAsync(thread, 2);
        var third = await RunAsync(thread, 3);
        await EditAsync(thread, NewCheckpoint(thread.ThreadId, 1, second, ns: "sub:1"));
        await EditAsync(thread, NewCheckpoint(thread.ThreadId, 2, ns: "sub:1"));

        await Storage.Runs.DeleteAsync(new RunKey(thread.ThreadId, second), null, null, null, At(9), Token);
        await Storage.Runs.DeleteAsync(new RunKey(thread.ThreadId, third), null, null, null, At(9), Token);

        (await RangeAsync(thread.ThreadId, "", 0, 9)).Select(checkpoint => checkpoint.Ordinal).ShouldBe([1]);
        (await RangeAsync(thread.ThreadId, "sub:1", 0, 9)).Select(checkpoint => checkpoint.Ordinal).ShouldBe([1, 2]);
        await EditAsync(thread, NewCheckpoint(thread.ThreadId, 2));
        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", null, Token))!.Ordinal.ShouldBe(2);
    }

    [Fact]
    public async Task An_edit_is_applied_as_a_whole_to_the_version_that_it_was_made_of()
    {
        var thread = await AddThreadAsync();
        var edit = await EditOfAsync(
            thread,
            NewCheckpoint(thread.ThreadId, 1, source: "update"),
            NewCheckpoint(thread.ThreadId, 2, parent: 1, source: "update"));
        edit = edit with
        {
            Outcomes = [new TaskOutcomeRecord("", IdOf(2), "t", new byte[] { 1 })],
            Thread = new ThreadOutcome(ThreadStatus.Interrupted, """{"t":[]}"""),
        };

        (await Storage.Checkpoints.ApplyEditAsync(edit with { Version = edit.Version + 1 }, Token)).ShouldBe(WriteResult.Changed);
        (await Storage.Checkpoints.ApplyEditAsync(edit with { ThreadId = NewThreadId() }, Token)).ShouldBe(WriteResult.Missing);
        await Should.ThrowAsync<CheckpointMissingException>(
            Storage.Checkpoints.ApplyEditAsync(
                edit with { Checkpoints = [.. edit.Checkpoints, NewCheckpoint(thread.ThreadId, 4, parent: 3)] }, Token));
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread);
        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", null, Token)).ShouldBeNull();

        (await Storage.Checkpoints.ApplyEditAsync(edit, Token)).ShouldBe(WriteResult.Applied);

        (await ListAsync(thread.ThreadId, "", null, 9)).Select(checkpoint => checkpoint.Ordinal).ShouldBe([2, 1]);
        (await ListOutcomesAsync(thread.ThreadId, "", IdOf(2))).ShouldHaveSingleItem().TaskId.ShouldBe("t");
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread with
        {
            Version = thread.Version + 1,
            Status = ThreadStatus.Interrupted,
            Interrupts = """{"t":[]}""",
            UpdatedAt = edit.Now,
            StateUpdatedAt = edit.Now,
        });
    }

    [Fact]
    public async Task An_edit_may_replace_the_metadata_of_one_checkpoint()
    {
        var thread = await AddThreadAsync();
        var run = RunId.New(TimeProvider.System);
        var metadata = $$"""{"source":"loop","step":4,"parents":{},"graph_id":"g","thread_id":"{{thread.ThreadId}}","run_id":"{{run}}"}""";
        var first = NewCheckpoint(thread.ThreadId, 1, run) with { Metadata = metadata };
        var second = NewCheckpoint(thread.ThreadId, 2, run, parent: 1) with { Metadata = metadata };
        var inside = NewCheckpoint(thread.ThreadId, 2, run, ns: "sub:1") with { Metadata = metadata };
        await EditAsync(thread, first, second, inside);
        var outcome = new TaskOutcomeRecord("", IdOf(2), "t", new byte[] { 1 });
        await Storage.Checkpoints.ApplyEditAsync(await EditOfAsync(thread) with { Outcomes = [outcome] }, Token);
        var texts = (await Storage.Checkpoints.MeasureAsync(thread.ThreadId, static _ => { }, Token)).MetadataBytes;

        foreach (var rating in (string[])["1", "\"a longer one: \\u0000\""])
        {
            var patched = second with
            {
                Metadata = metadata.Replace("\"parents\"", $"\"rating\":{rating},\"parents\"", StringComparison.Ordinal),
            };
            var edit = await EditOfAsync(thread) with { Patched = patched };
            (await Storage.Checkpoints.ApplyEditAsync(edit with { Version = edit.Version + 1 }, Token)).ShouldBe(WriteResult.Changed);
            (await Storage.Checkpoints.ApplyEditAsync(edit, Token)).ShouldBe(WriteResult.Applied);

            (await VersionOfAsync(thread)).ShouldBe(edit.Version + 1);
            (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", null, Token))!.ShouldBeSame(patched);
            (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", IdOf(1), Token))!.ShouldBeSame(first);
            (await Storage.Checkpoints.FindAsync(thread.ThreadId, "sub:1", null, Token))!.ShouldBeSame(inside);
            (await ListOutcomesAsync(thread.ThreadId, "", IdOf(2))).Count.ShouldBe(1);
        }

        await Should.ThrowAsync<CheckpointMissingException>(
            Storage.Checkpoints.ApplyEditAsync(await EditOfAsync(thread) with { Patched = NewCheckpoint(thread.ThreadId, 3) }, Token));
        await Storage.Checkpoints.ApplyEditAsync(await EditOfAsync(thread) with { Patched = second }, Token);
        (await Storage.Checkpoints.MeasureAsync(thread.ThreadId, static _ => { }, Token)).MetadataBytes
            .ShouldBeLessThanOrEqualTo(2 * texts, "texts that no checkpoint has are removed");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_thread_with_an_unfinished_run_is_neither_edited_nor_pruned(bool starts)
    {
        var thread = await PutAsync(await AddThreadAsync(), 1, 2);
        var attempt = FirstOf(await AddRunAsync(thread.ThreadId));
        if (starts)
        {
            await Storage.Runs.TryStartAsync(attempt, At(1), Token);
        }

        var edit = await EditOfAsync(thread, NewCheckpoint(thread.ThreadId, 3));
        (await Storage.Checkpoints.ApplyEditAsync(edit, Token)).ShouldBe(WriteResult.Busy);
        (await Storage.Checkpoints.PruneAsync(thread.ThreadId, edit.Version, [], Token)).ShouldBe(WriteResult.Busy);
        await Storage.Runs.FinishAsync(Finish(attempt) with { Attempt = starts ? 1 : null }, Token);

        (await Storage.Checkpoints.PruneAsync(thread.ThreadId, edit.Version, [], Token)).ShouldBe(WriteResult.Changed);
        (await Storage.Checkpoints.PruneAsync(NewThreadId(), edit.Version, [], Token)).ShouldBe(WriteResult.Missing);
        (await ListAsync(thread.ThreadId, "", null, 9)).Select(checkpoint => checkpoint.Ordinal).ShouldBe([2, 1]);
    }

    [Fact]
    public async Task Of_edits_made_of_one_version_one_is_applied()
    {
        var thread = await AddThreadAsync();
        var edits = new List<ThreadEdit>();
        for (var i = 1; i <= 20; i++)
        {
            edits.Add(await EditOfAsync(thread, NewCheckpoint(thread.ThreadId, i)));
        }

        var results = await Task.WhenAll(edits.Select(edit => Task.Run(() => Storage.Checkpoints.ApplyEditAsync(edit, Token), Token)));

        results.Count(result => result == WriteResult.Applied).ShouldBe(1);
        results.Count(result => result == WriteResult.Changed).ShouldBe(19);
        (await ListAsync(thread.ThreadId, "", null, 99)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task All_but_the_kept_checkpoints_of_a_thread_are_removed()
    {
        var (thread, other) = (await AddThreadAsync(), await PutAsync(await AddThreadAsync(), 1, 2));
        await RunAsync(thread, 1, 2, 3);
        foreach (var (number, ns) in ((int, string)[])[(1, "a"), (2, "a"), (3, "b:1"), (4, "b:1")])
        {
            var edit = await EditOfAsync(thread, NewCheckpoint(thread.ThreadId, number, ns: ns));
            edit = edit with { Outcomes = [new TaskOutcomeRecord(ns, IdOf(number), "t", new byte[] { 1 })] };
            (await Storage.Checkpoints.ApplyEditAsync(edit, Token)).ShouldBe(WriteResult.Applied);
        }

        var heads = await Storage.Checkpoints.ListHeadsAsync(thread.ThreadId, Token);
        heads.Select(head => (head.Namespace, head.Ordinal)).ShouldBe([("", 3), ("a", 2), ("b:1", 4)]);
        await PruneAsync(thread, [.. heads.Take(2).Select(head => head with { Body = new byte[] { 9 } })]);

        async Task<IEnumerable<(long, byte)>> Left(string ns) =>
            (await RangeAsync(thread.ThreadId, ns, 0, 9)).Select(checkpoint => (checkpoint.Ordinal, checkpoint.Body.Span[0]));

        (await Left("")).ShouldBe([(3, (byte)9)]);
        (await Left("a")).ShouldBe([(2, (byte)9)]);
        (await Left("b:1")).ShouldBeEmpty();
        (await ListOutcomesAsync(thread.ThreadId, "", IdOf(3))).Count.ShouldBe(1);
        (await ListOutcomesAsync(thread.ThreadId, "", IdOf(2))).ShouldBeEmpty();
        (await ListOutcomesAsync(thread.ThreadId, "b:1", IdOf(4))).ShouldBeEmpty();
        (await Storage.Checkpoints.ListHeadsAsync(other.ThreadId, Token)).ShouldHaveSingleItem().Ordinal.ShouldBe(2);
        (await RangeAsync(other.ThreadId, "", 0, 9)).Count.ShouldBe(2);
        (await Storage.Checkpoints.ListHeadsAsync(NewThreadId(), Token)).ShouldBeEmpty();
    }

    private async Task<ThreadRecord> PutAsync(ThreadRecord thread, params int[] numbers)
    {
        await EditAsync(thread, [.. numbers.Select(number => NewCheckpoint(thread.ThreadId, number))]);
        return thread;
    }

    /// <summary>A run that puts these checkpoints, each with an outcome of a task, and ends.</summary>
    private async Task<RunId> RunAsync(ThreadRecord thread, params int[] numbers)
    {
        var attempt = await StartRunAsync(thread.ThreadId);
        foreach (var number in numbers)
        {
            await Storage.Checkpoints.PutAsync(
                attempt, NewCheckpoint(thread.ThreadId, number, attempt.RunId, number > 1 ? number - 1 : null), [], Token);
            await Storage.Checkpoints.PutOutcomeAsync(attempt, new TaskOutcomeRecord("", IdOf(number), "t", new byte[] { 1 }), Token);
        }

        await Storage.Runs.FinishAsync(Finish(attempt), Token);
        return attempt.RunId;
    }
}
