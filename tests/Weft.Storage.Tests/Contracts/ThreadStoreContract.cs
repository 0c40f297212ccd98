using System.Text.Json;
using Weft.Runs;

namespace Weft.Storage.Tests;

public abstract class ThreadStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    [Fact]
    public async Task A_thread_is_found_as_it_was_added()
    {
        var thread = NewThread() with
        {
            Status = ThreadStatus.Interrupted,
            Metadata = """{"title":"Grüße 🧵","n":{"a":1}}""",
            Config = """{"configurable":{}}""",
            Interrupts = """{"t":[]}""",
            Error = "",
            UpdatedAt = At(0.000001),
            StateUpdatedAt = At(2),
        };

        (await Storage.Threads.TryCreateAsync(thread, Token)).ShouldBeTrue();

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBe(thread);
    }

    [Fact]
    public async Task A_thread_is_not_there_for_another_actor()
    {
        var thread = await AddThreadAsync(Alice);

        (await Storage.Threads.FindAsync(Bob, thread.ThreadId, Token)).ShouldBeNull();
        (await Storage.Threads.PatchAsync(Bob, thread.ThreadId, """{"a":1}""", null, At(1), Token)).ShouldBeNull();
        (await Storage.Threads.DeleteAsync(Bob, thread.ThreadId, Token)).ShouldBeFalse();
        (await Storage.Threads.SearchAsync(Bob, new ThreadQuery(), Token)).Total.ShouldBe(0);
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBe(thread);
    }

    [Fact]
    public async Task An_id_that_is_taken_is_refused_whoever_has_it()
    {
        var thread = await AddThreadAsync(Alice);

        (await Storage.Threads.TryCreateAsync(thread with { Owner = Bob.Id }, Token)).ShouldBeFalse();
        (await Storage.Threads.TryCreateAsync(thread with { Metadata = """{"a":1}""" }, Token)).ShouldBeFalse();
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBe(thread);
    }

    [Fact]
    public async Task A_patch_replaces_members_as_a_whole_and_keeps_the_others()
    {
        var thread = NewThread() with { Metadata = """{"a":{"x":1},"b":2}""" };
        await Storage.Threads.TryCreateAsync(thread, Token);

        var patched = await Storage.Threads.PatchAsync(Alice, thread.ThreadId, """{"a":{"y":null},"c":"ü"}""", null, At(5), Token);

        Json(patched!.Metadata).ShouldBe(Json("""{"a":{"y":null},"b":2,"c":"ü"}"""));
        patched.UpdatedAt.ShouldBe(At(5));
        patched.ShouldBe(await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token));
    }

    [Fact]
    public async Task A_patch_of_no_thread_gives_null() =>
        (await Storage.Threads.PatchAsync(Alice, NewThreadId(), "{}", null, At(0), Token)).ShouldBeNull();

    [Fact]
    public async Task A_thread_expires_a_while_after_that_was_said_last()
    {
        var soon = NewThread() with { Ttl = new ThreadTtl(TimeSpan.FromSeconds(2.5), PruneStrategy.Delete), ExpiresAt = At(2.5) };
        var (patched, never) = (NewThread(Bob), NewThread());
        foreach (var thread in (ThreadRecord[])[soon, patched, never])
        {
            await Storage.Threads.TryCreateAsync(thread, Token);
        }

        var ttl = new ThreadTtl(TimeSpan.FromSeconds(1), PruneStrategy.KeepLatest);
        (await Storage.Threads.PatchAsync(Bob, patched.ThreadId, "{}", ttl, At(1), Token)).ShouldBe(patched with { Ttl = ttl, ExpiresAt = At(2), UpdatedAt = At(1) });
        (await Storage.Threads.PatchAsync(Bob, patched.ThreadId, "{}", null, At(1.5), Token))!.ExpiresAt.ShouldBe(At(2));

        (await Storage.Threads.FindAsync(Alice, soon.ThreadId, Token)).ShouldBe(soon);
        (await Storage.Threads.ListExpiredAsync(At(1.9), 10, Token)).ShouldBeEmpty();
        (await Storage.Threads.ListExpiredAsync(At(3), 10, Token)).Select(thread => thread.ThreadId).ShouldBe([patched.ThreadId, soon.ThreadId]);
        (await Storage.Threads.ListExpiredAsync(At(3), 1, Token)).Select(thread => thread.ThreadId).ShouldBe([patched.ThreadId]);
    }

    [Fact]
    public async Task A_copy_has_the_checkpoints_of_every_namespace_and_their_outcomes_but_no_runs()
    {
        var thread = NewThread();
        thread = thread with { Metadata = $$"""{"thread_id":"{{thread.ThreadId}}","n":1.50}""" };
        await Storage.Threads.TryCreateAsync(thread, Token);
        var attempt = await StartRunAsync(thread.ThreadId);
        foreach (var (number, ns) in ((int, string)[])[(1, ""), (2, "node:1"), (3, "")])
        {
            await Storage.Checkpoints.PutAsync(
                attempt, NewCheckpoint(thread.ThreadId, number, attempt.RunId, number == 3 ? 1 : null, ns: ns) with { Metadata = $$"""{"step":1,"thread_id":"{{thread.ThreadId}}","x":"ü"}""" }, [NewEvent(attempt.RunId, "1")], Token);
        }

        await Storage.Checkpoints.PutOutcomeAsync(attempt, thread.ThreadId, "node:1", new TaskOutcomeRecord(CheckpointId(2), "t", new byte[] { 4 }), Token);
        var copyId = NewThreadId();

        (await Storage.Threads.CopyAsync(Bob, thread.ThreadId, copyId, At(5), Token)).ShouldBeNull();
        var copy = (await Storage.Threads.CopyAsync(Alice, thread.ThreadId, copyId, At(5), Token))!;

        copy.ShouldBe(await Storage.Threads.FindAsync(Alice, copyId, Token));
        copy.ShouldBe(thread with { ThreadId = copyId, Config = "{}", Metadata = $$"""{"thread_id":"{{copyId}}","n":1.50}""", CreatedAt = At(5), UpdatedAt = At(5) });
        foreach (var ns in (string[])["", "node:1"])
        {
            var copied = await Storage.Checkpoints.ListAsync(copyId, ns, null, 10, Token);
            var originals = await Storage.Checkpoints.ListAsync(thread.ThreadId, ns, null, 10, Token);
            copied.Select(checkpoint => (checkpoint.CheckpointId, checkpoint.ParentId, checkpoint.Ordinal, checkpoint.Body.Span[2]))
                .ShouldBe(originals.Select(checkpoint => (checkpoint.CheckpointId, checkpoint.ParentId, checkpoint.Ordinal, checkpoint.Body.Span[2])));
            copied.ShouldAllBe(checkpoint => checkpoint.Metadata == $$"""{"step":1,"thread_id":"{{copyId}}","x":"ü"}""");
        }

        (await Storage.Checkpoints.ListOutcomesAsync(copyId, "node:1", CheckpointId(2), Token)).ShouldHaveSingleItem().Body.Span[0].ShouldBe((byte)4);
        (await Storage.Runs.SearchAsync(Alice, copyId, null, 10, 0, Token)).ShouldBeEmpty();
        (await MessagesAsync(copyId, attempt.RunId)).ShouldBeEmpty();
        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery(), Token)).Total.ShouldBe(2);
    }

    [Fact]
    public async Task A_thread_may_be_copied_again_and_again_while_it_grows()
    {
        var thread = await AddThreadAsync();
        for (var i = 1; i <= 70; i++)
        {
            await Storage.Checkpoints.PutAsync(null, NewCheckpoint(thread.ThreadId, i) with { Metadata = $$"""{"step":1,"x":{{i}}}""" }, [], Token);
            var copyId = NewThreadId();

            (await Storage.Threads.CopyAsync(Alice, thread.ThreadId, copyId, At(5), Token)).ShouldNotBeNull();
            (await Storage.Checkpoints.ListAsync(copyId, "", null, 100, Token)).Select(checkpoint => (checkpoint.Ordinal, checkpoint.Metadata))
                .ShouldBe(Enumerable.Range(1, i).Reverse().Select(number => ((long)number, $$"""{"step":1,"x":{{number}}}""")));
        }
    }

    [Fact]
    public async Task An_outcome_sets_status_interrupts_and_error_and_the_time_of_the_state_when_that_changed()
    {
        var thread = await AddThreadAsync();

        await Storage.Threads.SetOutcomeAsync(thread.ThreadId, new ThreadOutcome(ThreadStatus.Error, """{"t":[1]}""", "broken"), At(3), Token);
        await Storage.Threads.SetOutcomeAsync(thread.ThreadId, new ThreadOutcome(ThreadStatus.Interrupted, """{"t":[2]}""", StateChanged: false), At(4), Token);

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBe(
            thread with { Status = ThreadStatus.Interrupted, Interrupts = """{"t":[2]}""", UpdatedAt = At(4), StateUpdatedAt = At(3) });
    }

    [Fact]
    public async Task Writes_take_effect_in_the_order_of_the_calls()
    {
        var thread = NewThread();
        var writes = new List<Task> { Storage.Threads.TryCreateAsync(thread, Token) };
        for (var i = 1; i <= 500; i++)
        {
            writes.Add(Storage.Threads.PatchAsync(Alice, thread.ThreadId, $$"""{"n":{{i}},"m{{i % 10}}":{{i}}}""", null, At(i), Token));
        }

        await Task.WhenAll(writes);

        var stored = await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token);
        stored!.Metadata.ShouldContain("\"n\":500");
        stored.UpdatedAt.ShouldBe(At(500));
    }

    [Fact]
    public async Task Deleting_a_thread_removes_all_that_hangs_on_it()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        await Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 1, attempt.RunId), [NewEvent(attempt.RunId, "1")], Token);
        await Storage.Checkpoints.PutOutcomeAsync(attempt, thread.ThreadId, "", new TaskOutcomeRecord(CheckpointId(1), "t", new byte[] { 1 }), Token);
        await Storage.StreamEvents.AppendAsync(attempt, [NewStreamEvent(0)], Token);

        (await Storage.Threads.DeleteAsync(Alice, thread.ThreadId, Token)).ShouldBeTrue();
        (await Storage.Threads.DeleteAsync(Alice, thread.ThreadId, Token)).ShouldBeFalse();
        await Storage.Threads.TryCreateAsync(thread, Token);

        (await Storage.Runs.FindAsync(Alice, attempt.RunId, Token)).ShouldBeNull();
        (await Storage.Runs.ListUnfinishedAsync(Token)).ShouldBeEmpty();
        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", null, Token)).ShouldBeNull();
        (await RangeAsync(thread.ThreadId, "", 0, 9)).ShouldBeEmpty();
        (await Storage.Checkpoints.ListOutcomesAsync(thread.ThreadId, "", CheckpointId(1), Token)).ShouldBeEmpty();
        (await MessagesAsync(thread.ThreadId, attempt.RunId)).ShouldBeEmpty();
        (await Storage.StreamEvents.ReadAsync(attempt.RunId, -1, 9, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_search_gives_pages_newest_first_and_the_total_of_the_actor()
    {
        var threads = await AddThreadsAsync(7, (thread, _) => thread);
        await AddThreadAsync(Bob);

        var page = await Storage.Threads.SearchAsync(Alice, new ThreadQuery { Limit = 3, Offset = 2 }, Token);

        page.Total.ShouldBe(7);
        page.Items.ShouldBe([threads[4], threads[3], threads[2]]);
        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery { Limit = 3, Offset = 7 }, Token)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_total_follows_additions_and_deletions_also_those_with_runs()
    {
        var threads = await AddThreadsAsync(3, (thread, _) => thread);
        var withRun = NewThread();
        await Storage.Runs.CreateAsync(Creation(NewRun(withRun.ThreadId), withRun), Token);
        await Storage.Runs.CreateAsync(Creation(NewRun(withRun.ThreadId), withRun), Token);
        await Storage.Threads.TryCreateAsync(threads[1], Token);

        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery(), Token)).Total.ShouldBe(4);
        await Storage.Threads.DeleteAsync(Alice, threads[0].ThreadId, Token);
        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery(), Token)).Total.ShouldBe(3);
    }

    [Fact]
    public async Task A_search_by_metadata_wants_every_given_member_at_any_depth()
    {
        var threads = await AddThreadsAsync(4, (thread, i) => thread with
        {
            Metadata = i switch
            {
                0 => """{"graph":"a","user":{"id":1,"name":"x"},"tags":[1,2]}""",
                1 => """{"graph":"a","user":{"id":2}}""",
                2 => """{"graph":"b","user":{"id":1}}""",
                _ => """{"user":null}""",
            },
        });

        async Task<IReadOnlyList<ThreadRecord>> Matches(string metadata) =>
            (await Storage.Threads.SearchAsync(Alice, new ThreadQuery { Metadata = metadata, Descending = false }, Token)).Items;

        (await Matches("""{"graph":"a"}""")).ShouldBe([threads[0], threads[1]]);
        (await Matches("""{"user":{"id":1}}""")).ShouldBe([threads[0], threads[2]]);
        (await Matches("""{"graph":"a","user":{"id":1}}""")).ShouldBe([threads[0]]);
        (await Matches("""{"tags":[1,2]}""")).ShouldBe([threads[0]]);
        (await Matches("""{"tags":[1]}""")).ShouldBe([threads[0]]);
        (await Matches("""{"tags":[2,1,2]}""")).ShouldBe([threads[0]]);
        (await Matches("""{"tags":[3]}""")).ShouldBeEmpty();
        (await Matches("""{"user":null}""")).ShouldBe([threads[3]]);
        (await Matches("{}")).Count.ShouldBe(4);
    }

    [Fact]
    public async Task Conditions_go_together_and_the_total_counts_all_matches()
    {
        var threads = await AddThreadsAsync(12, (thread, i) => thread with
        {
            Status = i % 2 == 0 ? ThreadStatus.Busy : ThreadStatus.Idle,
            Metadata = i < 9 ? """{"k":1}""" : "{}",
        });

        var page = await Storage.Threads.SearchAsync(
            Alice,
            new ThreadQuery { Status = ThreadStatus.Busy, Metadata = """{"k":1}""", Ids = [.. threads.Skip(1).Select(thread => thread.ThreadId), NewThreadId()], Limit = 2, Offset = 1 },
            Token);

        page.Total.ShouldBe(4);
        page.Items.ShouldBe([threads[6], threads[4]]);
        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery { Ids = [] }, Token)).Total.ShouldBe(0);
        (await Storage.Threads.SearchAsync(Bob, new ThreadQuery { Ids = [threads[0].ThreadId] }, Token)).Total.ShouldBe(0);
    }

    [Theory]
    [InlineData(ThreadSort.ThreadId)]
    [InlineData(ThreadSort.Status)]
    [InlineData(ThreadSort.CreatedAt)]
    [InlineData(ThreadSort.UpdatedAt)]
    [InlineData(ThreadSort.StateUpdatedAt)]
    public async Task A_search_is_ordered_by_the_column_then_by_id_with_conditions_and_without(ThreadSort sort)
    {
        ThreadStatus[] statuses = [ThreadStatus.Interrupted, ThreadStatus.Busy, ThreadStatus.Idle, ThreadStatus.Error];
        ThreadStatus[] byWord = [ThreadStatus.Busy, ThreadStatus.Error, ThreadStatus.Idle, ThreadStatus.Interrupted];
        var threads = await AddThreadsAsync(9, (thread, i) => thread with
        {
            Status = statuses[i % 4],
            CreatedAt = At(i * 7 % 4),
            UpdatedAt = At(i * 5 % 3),
            StateUpdatedAt = i % 3 == 0 ? null : At(i % 2),
        });
        var ascending = threads
            .OrderBy(thread => sort switch
            {
                ThreadSort.ThreadId => 0,
                ThreadSort.Status => Array.IndexOf(byWord, thread.Status),
                ThreadSort.CreatedAt => thread.CreatedAt.Ticks,
                ThreadSort.UpdatedAt => thread.UpdatedAt.Ticks,
                _ => thread.StateUpdatedAt?.Ticks ?? 0,
            })
            .ThenBy(thread => thread.ThreadId.Value, StringComparer.Ordinal)
            .Select(thread => thread.ThreadId)
            .ToList();

        foreach (var ids in new IReadOnlyList<ThreadId>?[] { null, [.. threads.Select(thread => thread.ThreadId)] })
        {
            var up = await Storage.Threads.SearchAsync(Alice, new ThreadQuery { Ids = ids, SortBy = sort, Descending = false }, Token);
            var down = await Storage.Threads.SearchAsync(Alice, new ThreadQuery { Ids = ids, SortBy = sort }, Token);

            up.Items.Select(thread => thread.ThreadId).ShouldBe(ascending);
            down.Items.Select(thread => thread.ThreadId).ShouldBe(Enumerable.Reverse(ascending));
        }
    }

    [Fact]
    public async Task What_was_stored_is_there_after_reopening()
    {
        var thread = NewThread();
        var write = Storage.Threads.TryCreateAsync(thread, Token);
        await Storage.CloseAsync();

        (await write).ShouldBeTrue();
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBe(thread);
        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery(), Token)).Total.ShouldBe(1);
    }

    [Fact]
    public async Task Many_callers_at_once_add_each_thread_once()
    {
        var threads = Enumerable.Range(0, 200).Select(i => NewThread(second: i)).ToList();

        var added = await Task.WhenAll(threads.Concat(threads).Select(thread => Task.Run(() => Storage.Threads.TryCreateAsync(thread, Token), Token)));

        added.Count(isAdded => isAdded).ShouldBe(200);
        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery(), Token)).Total.ShouldBe(200);
    }

    private static string Json(string text) => JsonSerializer.Serialize(JsonSerializer.Deserialize<SortedDictionary<string, JsonElement>>(text));

    private async Task<List<ThreadRecord>> AddThreadsAsync(int count, Func<ThreadRecord, int, ThreadRecord> with)
    {
        var threads = Enumerable.Range(0, count).Select(i => with(NewThread(second: i), i)).ToList();
        foreach (var thread in threads)
        {
            (await Storage.Threads.TryCreateAsync(thread, Token)).ShouldBeTrue();
        }

        return threads;
    }
}
