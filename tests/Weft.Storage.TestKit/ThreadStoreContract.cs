using System.Text.Json;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="IThreadStore"/> promises.</summary>
public abstract partial class ThreadStoreContract(StorageUnderTest storage) : StoreContract(storage)
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

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread);
    }

    [Fact]
    public async Task A_thread_is_not_there_for_another_actor()
    {
        var thread = await AddThreadAsync(Alice);

        (await Storage.Threads.FindAsync(Bob, thread.ThreadId, Token)).ShouldBeNull();
        (await Storage.Threads.PatchAsync(Bob, thread.ThreadId, new MetadataChange("{}", """{"a":1}"""), null, At(1), Token))
            .ShouldBe(WriteResult.Missing);
        (await Storage.Threads.DeleteAsync(Bob, thread.ThreadId, null, Token)).ShouldBe(WriteResult.Missing);
        (await Storage.Threads.SearchAsync(Bob, new ThreadQuery(), Token)).Total.ShouldBe(0);
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread);
    }

    [Fact]
    public async Task A_thread_that_the_scope_of_an_actor_does_not_show_is_not_there()
    {
        var (mine, shared, other) = (
            NewThread() with { Metadata = """{"owner":"ada","n":1}""" },
            NewThread(second: 1) with { Metadata = """{"owner":"bob","members":["eve","ada"],"n":1}""" },
            NewThread(second: 2) with { Metadata = """{"owner":"bob","members":"ada","n":1}""" });
        foreach (var thread in (ThreadRecord[])[mine, shared, other])
        {
            (await Storage.Threads.TryCreateAsync(thread, Token)).ShouldBeTrue();
        }

        var owner = MetadataFilter.Equal("owner", "ada");
        await ShouldSeeAsync(owner, mine);
        await ShouldSeeAsync(MetadataFilter.Contains("members", "ada"), shared);
        await ShouldSeeAsync(owner.Or(MetadataFilter.Contains("members", "ada")), mine, shared);
        await ShouldSeeAsync(MetadataFilter.Equal("owner", "bob").And(MetadataFilter.Contains("members", "ada")), shared);
        await ShouldSeeAsync(owner.And(MetadataFilter.Equal("owner", "bob")));
        await ShouldSeeAsync(MetadataFilter.All, mine, shared, other);
        await ShouldSeeAsync(MetadataFilter.None);

        async Task ShouldSeeAsync(MetadataFilter filter, params ThreadRecord[] seen)
        {
            var actor = Alice with { Scope = new ActorScope { Threads = filter } };
            foreach (var thread in (ThreadRecord[])[mine, shared, other])
            {
                (await Storage.Threads.FindAsync(actor, thread.ThreadId, Token) is not null).ShouldBe(seen.Contains(thread));
            }

            foreach (var metadata in (string?[])[null, """{"n":1}"""])
            {
                var query = new ThreadQuery { Metadata = metadata, Descending = false };
                var page = await Storage.Threads.SearchAsync(actor, query, Token);
                page.Items.Select(thread => thread.ThreadId).ShouldBe(seen.Select(thread => thread.ThreadId));
                page.Total.ShouldBe(seen.Length);
                (await Storage.Threads.SearchAsync(actor, query with { Limit = 1, Offset = 1 }, Token)).Items
                    .Select(thread => thread.ThreadId).ShouldBe(seen.Skip(1).Take(1).Select(thread => thread.ThreadId));
            }

            (await Storage.Threads.SearchAsync(actor, new ThreadQuery { Metadata = """{"n":2}""" }, Token)).Total.ShouldBe(0);
        }
    }

    [Fact]
    public async Task An_id_that_is_taken_is_refused_whoever_has_it()
    {
        var thread = await AddThreadAsync(Alice);

        (await Storage.Threads.TryCreateAsync(thread with { Owner = Bob.Id }, Token)).ShouldBeFalse();
        (await Storage.Threads.TryCreateAsync(thread with { Metadata = """{"a":1}""" }, Token)).ShouldBeFalse();
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread);
    }

    [Fact]
    public async Task A_repeated_write_of_a_thread_is_the_same_write_once()
    {
        var thread = NewThread();
        var change = new MetadataChange("{}", """{"a":1}""");
        var copyId = NewThreadId();
        await Storage.Threads.TryCreateAsync(thread, Token);
        for (var i = 0; i < 2; i++)
        {
            (await Storage.Threads.PatchAsync(Alice, thread.ThreadId, change, null, At(1), Token)).ShouldBe(WriteResult.Applied);
        }

        for (var i = 0; i < 2; i++)
        {
            (await Storage.Threads.CopyAsync(await CopyOfAsync(thread, copyId), Token)).ShouldBe(WriteResult.Applied);
        }

        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery(), Token)).Total.ShouldBe(2);
        (await Storage.Threads.DeleteAsync(Alice, thread.ThreadId, null, Token)).ShouldBe(WriteResult.Applied);
        (await Storage.Threads.DeleteAsync(Alice, thread.ThreadId, null, Token)).ShouldBe(WriteResult.Missing);
    }

    [Fact]
    public async Task A_patch_replaces_the_metadata_that_was_read_and_no_other()
    {
        var thread = NewThread() with { Metadata = """{"a":{"x":1},"b":2}""" };
        await Storage.Threads.TryCreateAsync(thread, Token);
        var change = new MetadataChange(thread.Metadata, """{"a":{"y":null},"b":2,"c":"ü"}""");

        (await Storage.Threads.PatchAsync(Alice, thread.ThreadId, change, null, At(5), Token)).ShouldBe(WriteResult.Applied);
        (await Storage.Threads.PatchAsync(Alice, thread.ThreadId, change with { To = "{}" }, null, At(6), Token))
            .ShouldBe(WriteResult.Changed);

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token))
            .ShouldBeSame(thread with { Metadata = change.To, UpdatedAt = At(5) });
    }

    [Fact]
    public async Task A_patch_of_no_thread_is_refused() =>
        (await Storage.Threads.PatchAsync(Alice, NewThreadId(), null, null, At(0), Token)).ShouldBe(WriteResult.Missing);

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
        (await Storage.Threads.PatchAsync(Bob, patched.ThreadId, null, ttl, At(1), Token)).ShouldBe(WriteResult.Applied);
        (await Storage.Threads.PatchAsync(Bob, patched.ThreadId, null, null, At(1.5), Token)).ShouldBe(WriteResult.Applied);

        (await Storage.Threads.FindAsync(Bob, patched.ThreadId, Token)).ShouldBeSame(
            patched with { Ttl = ttl, ExpiresAt = At(2), UpdatedAt = At(1.5), Version = patched.Version + 1 });
        (await Storage.Threads.FindAsync(Alice, soon.ThreadId, Token)).ShouldBeSame(soon);
        (await Storage.Threads.ListExpiredAsync(At(1.9), 10, Token)).ShouldBeEmpty();
        (await Storage.Threads.ListExpiredAsync(At(3), 10, Token))
            .Select(thread => thread.ThreadId)
            .ShouldBe([patched.ThreadId, soon.ThreadId]);
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
                attempt,
                NewCheckpoint(thread.ThreadId, number, attempt.RunId, number == 3 ? 1 : null, ns: ns) with
                {
                    Metadata = $$"""{"step":1,"thread_id":"{{thread.ThreadId}}","x":"ü"}""",
                },
                [NewMessage(attempt.RunId, "1")],
                Token);
        }

        await Storage.Checkpoints.PutOutcomeAsync(attempt, new TaskOutcomeRecord("node:1", IdOf(2), "t", new byte[] { 4 }), Token);
        var copyId = NewThreadId();

        var copy = await CopyOfAsync(thread, copyId) with
        {
            HeadId = IdOf(3),
            Outcome = new ThreadOutcome(ThreadStatus.Interrupted, """{"t":[1]}""", Preview: """{"title":"copied"}"""),
        };
        (await Storage.Threads.CopyAsync(copy with { Actor = Bob }, Token)).ShouldBe(WriteResult.Missing);
        (await Storage.Threads.CopyAsync(copy with { HeadId = IdOf(1) }, Token)).ShouldBe(WriteResult.Changed);
        (await Storage.Threads.CopyAsync(copy with { Version = copy.Version - 1 }, Token)).ShouldBe(WriteResult.Changed);
        (await Storage.Threads.FindAsync(Alice, copyId, Token)).ShouldBeNull();
        (await Storage.Threads.CopyAsync(copy, Token)).ShouldBe(WriteResult.Applied);

        (await Storage.Threads.FindAsync(Alice, copyId, Token)).ShouldBeSame(thread with
        {
            ThreadId = copyId,
            Status = ThreadStatus.Interrupted,
            Interrupts = """{"t":[1]}""",
            Preview = """{"title":"copied"}""",
            Metadata = $$"""{"thread_id":"{{copyId}}","n":1.50}""",
            CreatedAt = At(5),
            UpdatedAt = At(5),
        });
        foreach (var ns in (string[])["", "node:1"])
        {
            var copied = await ListAsync(copyId, ns, null, 10);
            var originals = await ListAsync(thread.ThreadId, ns, null, 10);
            copied.Select(checkpoint => (checkpoint.CheckpointId, checkpoint.ParentId, checkpoint.Ordinal, checkpoint.Body.Span[2]))
                .ShouldBe(
                    originals.Select(checkpoint => (checkpoint.CheckpointId, checkpoint.ParentId, checkpoint.Ordinal, checkpoint.Body.Span[2])));
            foreach (var checkpoint in copied)
            {
                checkpoint.Metadata.ShouldBeJson($$"""{"step":1,"thread_id":"{{copyId}}","x":"ü"}""");
            }
        }

        (await ListOutcomesAsync(copyId, "node:1", IdOf(2))).ShouldHaveSingleItem().Body.Span[0].ShouldBe((byte)4);
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
            await EditAsync(thread, NewCheckpoint(thread.ThreadId, i) with { Metadata = $$"""{"step":1,"x":{{i}}}""" });
            var copyId = NewThreadId();

            (await Storage.Threads.CopyAsync(await CopyOfAsync(thread, copyId), Token)).ShouldBe(WriteResult.Applied);
            (await ListAsync(copyId, "", null, 100))
                .Select(checkpoint => (checkpoint.Ordinal, JsonElement.Parse(checkpoint.Metadata).GetProperty("x").GetInt32()))
                .ShouldBe(Enumerable.Range(1, i).Reverse().Select(number => ((long)number, number)));
        }
    }

    [Fact]
    public async Task An_outcome_sets_status_interrupts_and_error_and_the_time_of_the_state_when_that_changed()
    {
        var thread = await AddThreadAsync();
        var first = await EditOfAsync(thread) with
        {
            Thread = new ThreadOutcome(ThreadStatus.Error, """{"t":[1]}""", "broken", Preview: """{"title":"a"}"""),
            Now = At(3),
        };
        (await Storage.Checkpoints.ApplyEditAsync(first, Token)).ShouldBe(WriteResult.Applied);
        var second = await EditOfAsync(thread) with
        {
            Thread = new ThreadOutcome(ThreadStatus.Interrupted, """{"t":[2]}""", StateChanged: false),
            Now = At(4),
        };
        (await Storage.Checkpoints.ApplyEditAsync(second, Token)).ShouldBe(WriteResult.Applied);

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(
            thread with
            {
                Version = thread.Version + 2,
                Status = ThreadStatus.Interrupted,
                Interrupts = """{"t":[2]}""",
                // The second outcome has none, which leaves it as it is.
                Preview = """{"title":"a"}""",
                UpdatedAt = At(4),
                StateUpdatedAt = At(3),
            });
        var copyId = NewThreadId();
        (await Storage.Threads.CopyAsync(await CopyOfAsync(thread, copyId), Token)).ShouldBe(WriteResult.Applied);
        (await Storage.Threads.FindAsync(Alice, copyId, Token)).ShouldNotBeNull().Preview.ShouldBe("""{"title":"a"}""");
        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery(), Token)).Items.ShouldAllBe(found => found.Preview != null);
    }

    [Fact]
    public async Task Writes_of_one_thread_take_effect_in_the_order_of_the_calls()
    {
        static string Metadata(int number) => $$"""{"n":{{number}}}""";

        var thread = NewThread() with { Metadata = Metadata(0) };
        var created = Storage.Threads.TryCreateAsync(thread, Token);
        var patches = Enumerable.Range(1, 500)
            .Select(
                i => Storage.Threads.PatchAsync(
                    Alice, thread.ThreadId, new MetadataChange(Metadata(i - 1), Metadata(i)), null, At(i), Token))
            .ToList();

        (await created).ShouldBeTrue();
        (await Task.WhenAll(patches)).ShouldAllBe(patched => patched == WriteResult.Applied);
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token))
            .ShouldBeSame(thread with { Metadata = Metadata(500), UpdatedAt = At(500) });
    }

    [Fact]
    public async Task A_thread_with_an_unfinished_run_or_another_version_is_not_deleted()
    {
        var thread = await AddThreadAsync();
        var run = await AddRunAsync(thread.ThreadId);
        var version = await VersionOfAsync(thread);
        (await Storage.Threads.DeleteAsync(Alice, thread.ThreadId, null, Token)).ShouldBe(WriteResult.Busy);
        await Storage.Runs.TryStartAsync(FirstOf(run), At(1), Token);
        (await Storage.Threads.DeleteAsync(Alice, thread.ThreadId, null, Token)).ShouldBe(WriteResult.Busy);
        await Storage.Runs.FinishAsync(Finish(FirstOf(run)), Token);

        (await Storage.Threads.DeleteAsync(Alice, thread.ThreadId, version, Token)).ShouldBe(WriteResult.Changed);
        (await Storage.Threads.DeleteAsync(Alice, thread.ThreadId, await VersionOfAsync(thread), Token)).ShouldBe(WriteResult.Applied);
    }

    [Fact]
    public async Task Deleting_a_thread_removes_all_that_hangs_on_it()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        await Storage.Checkpoints.PutAsync(
            attempt, NewCheckpoint(thread.ThreadId, 1, attempt.RunId), [NewMessage(attempt.RunId, "1")], Token);
        await Storage.Checkpoints.PutOutcomeAsync(attempt, new TaskOutcomeRecord("", IdOf(1), "t", new byte[] { 1 }), Token);
        await Storage.StreamEvents.AppendAsync(attempt, [NewStreamEvent(0)], Token);
        await Storage.Runs.FinishAsync(Finish(attempt), Token);

        (await Storage.Threads.DeleteAsync(Alice, thread.ThreadId, null, Token)).ShouldBe(WriteResult.Applied);
        (await Storage.Threads.DeleteAsync(Alice, thread.ThreadId, null, Token)).ShouldBe(WriteResult.Missing);
        await Storage.Threads.TryCreateAsync(thread, Token);

        (await Storage.Runs.FindAsync(Alice, attempt.RunId, Token)).ShouldBeNull();
        (await UnfinishedAsync()).ShouldBeEmpty();
        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", null, Token)).ShouldBeNull();
        (await RangeAsync(thread.ThreadId, "", 0, 9)).ShouldBeEmpty();
        (await ListOutcomesAsync(thread.ThreadId, "", IdOf(1))).ShouldBeEmpty();
        (await MessagesAsync(thread.ThreadId, attempt.RunId)).ShouldBeEmpty();
        (await Storage.StreamEvents.ReadAsync(attempt.Run, -1, 9, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_stored_is_there_after_reopening()
    {
        var thread = NewThread();
        var write = Storage.Threads.TryCreateAsync(thread, Token);
        await Storage.CloseAsync();

        (await write).ShouldBeTrue();
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread);
        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery(), Token)).Total.ShouldBe(1);
    }

    [Fact]
    public async Task Many_callers_at_once_add_each_thread_once()
    {
        var threads = Enumerable.Range(0, 200).Select(i => NewThread(second: i)).ToList();

        var added = await Task.WhenAll(
            threads.Concat(threads).Select(thread => Task.Run(() => Storage.Threads.TryCreateAsync(thread, Token), Token)));

        added.Count(isAdded => isAdded).ShouldBe(200);
        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery(), Token)).Total.ShouldBe(200);
    }

    private static string Json(string text) =>
        JsonSerializer.Serialize(JsonSerializer.Deserialize<SortedDictionary<string, JsonElement>>(text));

    private async Task<ThreadCopy> CopyOfAsync(ThreadRecord thread, ThreadId copyId) =>
        new() { Actor = Alice, ThreadId = thread.ThreadId, CopyId = copyId, Version = await VersionOfAsync(thread), Now = At(5) };
}
