using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="ICronStore"/> promises, and <see cref="IRunStore"/> of the runs of crons.</summary>
public abstract class CronStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    [Fact]
    public async Task A_cron_is_found_as_it_was_added()
    {
        var cron = NewCron() with
        {
            ThreadId = new ThreadId("any_thread"),
            TimeZone = "Europe/Berlin",
            EndTime = At(1_000),
            IsEnabled = false,
            KeepsThreads = true,
            Metadata = """{"a":{"b":"ü"}}""",
            Payload = System.Text.Encoding.UTF8.GetBytes($$"""{"input":"{{new string('ü', 20_000)}}"}"""),
            NextRunAt = null,
        };

        await Storage.Crons.CreateAsync(cron, Token);
        await Storage.Crons.CreateAsync(cron, Token);

        (await FindAsync(cron)).ShouldBeSame(cron);
        (await Storage.Crons.FindAsync(Bob, cron.CronId, Token)).ShouldBeNull();
        (await Storage.Crons.FindAsync(Alice, CronId.New(TimeProvider.System), Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_cron_that_the_scope_of_an_actor_does_not_show_is_not_there()
    {
        var cron = NewCron() with { Metadata = """{"owner":"ada"}""", Access = """{"permissions":["p"]}""" };
        await Storage.Crons.CreateAsync(cron, Token);

        foreach (var (owner, isSeen) in ((string, bool)[])[("bob", false), ("ada", true)])
        {
            var actor = new Actor(cron.Owner) { Scope = new ActorScope { Crons = MetadataFilter.Equal("owner", owner) } };
            (await Storage.Crons.FindAsync(actor, cron.CronId, Token))?.Access.ShouldBe(cron.Access);
            (await Storage.Crons.FindAsync(actor, cron.CronId, Token) is not null).ShouldBe(isSeen);
            (await Storage.Crons.SearchAsync(actor, new CronQuery(), Token)).Total.ShouldBe(isSeen ? 1 : 0);
            (await Storage.Crons.DeleteAsync(actor, cron.CronId, Token)).ShouldBe(isSeen);
        }
    }

    [Fact]
    public async Task A_cron_is_changed_by_who_has_read_its_newest_version()
    {
        var cron = await AddCronAsync();
        var changed = cron with
        {
            AssistantId = new AssistantId(Guid.NewGuid()),
            Schedule = "0 0 * * 1",
            TimeZone = "Asia/Tokyo",
            EndTime = At(5_000),
            IsEnabled = false,
            KeepsThreads = true,
            Metadata = """{"new":1}""",
            Payload = """{"input":2}"""u8.ToArray(),
            NextRunAt = null,
            UpdatedAt = At(2),
        };

        (await Storage.Crons.UpdateAsync(changed with { Owner = Bob.Id }, Token)).ShouldBe(WriteResult.Missing);
        (await Storage.Crons.UpdateAsync(changed, Token)).ShouldBe(WriteResult.Applied);
        (await Storage.Crons.UpdateAsync(changed, Token)).ShouldBe(WriteResult.Applied);
        (await Storage.Crons.UpdateAsync(changed with { Schedule = "1 1 * * *" }, Token)).ShouldBe(WriteResult.Changed);

        (await FindAsync(cron)).ShouldBeSame(changed with { Version = cron.Version + 1 });
    }

    [Fact]
    public async Task A_cron_is_deleted_once_by_its_owner()
    {
        var cron = await AddCronAsync();

        (await Storage.Crons.DeleteAsync(Bob, cron.CronId, Token)).ShouldBeFalse();
        (await Storage.Crons.DeleteAsync(Alice, cron.CronId, Token)).ShouldBeTrue();
        (await Storage.Crons.DeleteAsync(Alice, cron.CronId, Token)).ShouldBeFalse();

        (await Storage.Crons.FindAsync(Alice, cron.CronId, Token)).ShouldBeNull();
        (await Storage.Crons.UpdateAsync(cron, Token)).ShouldBe(WriteResult.Missing);
        (await Storage.Crons.FindNextDueAsync(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Crons_are_searched_by_assistant_thread_state_and_metadata_page_by_page()
    {
        var thread = NewThreadId();
        var first = await AddCronAsync(cron => cron with { ThreadId = thread, Metadata = """{"team":{"id":1},"x":2}""" });
        var second = await AddCronAsync(cron => cron with { IsEnabled = false, AssistantId = first.AssistantId, CreatedAt = At(1) });
        var third = await AddCronAsync(cron => cron with { NextRunAt = null, CreatedAt = At(2) });
        await AddCronAsync(cron => cron with { Owner = Bob.Id, ThreadId = thread });

        async Task SearchShouldBe(CronQuery query, int total, params CronRecord[] page)
        {
            var found = await Storage.Crons.SearchAsync(Alice, query, Token);
            found.Items.Select(cron => cron.CronId).ShouldBe(page.Select(cron => cron.CronId));
            found.Total.ShouldBe(total);
        }

        await SearchShouldBe(new CronQuery(), 3, third, second, first);
        await SearchShouldBe(new CronQuery { Descending = false, Limit = 1, Offset = 1 }, 3, second);
        await SearchShouldBe(new CronQuery { Limit = 0 }, 3);
        await SearchShouldBe(new CronQuery { AssistantId = first.AssistantId }, 2, second, first);
        await SearchShouldBe(new CronQuery { ThreadId = thread }, 1, first);
        await SearchShouldBe(new CronQuery { IsEnabled = false }, 1, second);
        await SearchShouldBe(new CronQuery { Metadata = """{"team":{"id":1}}""" }, 1, first);
        await SearchShouldBe(new CronQuery { Metadata = """{"team":{"id":2}}""" }, 0);
        await SearchShouldBe(new CronQuery { SortBy = CronSort.NextRunAt, Descending = false }, 3, third, first, second);
        var byId = new[] { first, second, third }.OrderBy(cron => cron.CronId.ToString(), StringComparer.Ordinal);
        await SearchShouldBe(new CronQuery { SortBy = CronSort.CronId, Descending = false }, 3, [.. byId]);
        await SearchShouldBe(new CronQuery { SortBy = CronSort.ThreadId }, 3, first, third, second);
        (await Storage.Crons.SearchAsync(Alice, new CronQuery { ThreadId = thread }, Token)).Items[0].ShouldBeSame(first);
    }

    [Fact]
    public async Task Pages_with_many_bytes_are_read_in_batches()
    {
        var crons = new List<CronRecord>();
        for (var i = 0; i < 12; i++)
        {
            crons.Add(await AddCronAsync(cron => cron with
            {
                CreatedAt = At(i),
                Metadata = """{"owner":"ada"}""",
                Payload = System.Text.Encoding.UTF8.GetBytes($$"""{"input":"{{i}} {{new string('x', 1_000_000)}}"}"""),
            }));
        }

        var actor = Alice with { Scope = new ActorScope { Crons = MetadataFilter.Equal("owner", "ada") } };
        var query = new CronQuery { IsEnabled = true, Descending = false, Limit = 10, Offset = 1 };
        var page = await Storage.Crons.OpenSearchAsync(Alice, query, Token);
        var ofScope = await Storage.Crons.OpenSearchAsync(actor, query, Token);
        // Of the rows that are read later, one is deleted, one does not match any more, and one is not seen any more.
        await Storage.Crons.DeleteAsync(Alice, crons[6].CronId, Token);
        await Storage.Crons.UpdateAsync(crons[7] with { IsEnabled = false }, Token);
        await Storage.Crons.UpdateAsync(crons[8] with { Metadata = """{"owner":"bob"}""" }, Token);
        // A database may give the key of the last cron to the next one.
        await Storage.Crons.DeleteAsync(Alice, crons[11].CronId, Token);
        await AddCronAsync(cron => cron with { CreatedAt = At(20) });

        (page.Count, page.First.Count, page.Total).ShouldBe((10, 4, 12));
        (await page.ReadAllAsync(Token)).Select(cron => cron.CronId).ShouldBe(IdsAt(1, 2, 3, 4, 5, 8, 9, 10));
        (await ofScope.ReadAllAsync(Token)).Select(cron => cron.CronId).ShouldBe(IdsAt(1, 2, 3, 4, 5, 9, 10));

        IEnumerable<CronId> IdsAt(params int[] places) => places.Select(place => crons[place].CronId);
    }

    [Fact]
    public async Task The_crons_of_all_actors_are_due_in_the_order_of_their_times()
    {
        await AddCronAsync(cron => cron with { NextRunAt = null });
        var late = await AddCronAsync(cron => cron with { NextRunAt = At(30) });
        var early = await AddCronAsync(cron => cron with { NextRunAt = At(10), Owner = Bob.Id });
        var later = await AddCronAsync(cron => cron with { NextRunAt = At(40) });

        async Task<CronId[]> DueAsync(double second, int limit = 9) =>
            [.. (await Storage.Crons.ListDueAsync(At(second), limit, new Dictionary<CronId, long>(), Token)).Select(cron => cron.CronId)];

        (await DueAsync(9)).ShouldBeEmpty();
        (await DueAsync(10)).ShouldBe([early.CronId]);
        (await DueAsync(100)).ShouldBe([early.CronId, late.CronId, later.CronId]);
        (await DueAsync(100, 2)).ShouldBe([early.CronId, late.CronId]);
        (await Storage.Crons.FindNextDueAsync(Token)).ShouldBe(At(10));
        await Storage.Crons.DeleteAsync(Bob, early.CronId, Token);
        (await Storage.Crons.FindNextDueAsync(Token)).ShouldBe(At(30));
    }

    [Fact]
    public async Task Crons_that_are_due_are_listed_until_they_have_many_bytes()
    {
        var crons = new List<CronRecord>();
        for (var i = 0; i < 6; i++)
        {
            var length = i == 4 ? 9_000_000 : 1_500_000;
            crons.Add(await AddCronAsync(cron => cron with
            {
                NextRunAt = At(60 - i),
                Payload = System.Text.Encoding.UTF8.GetBytes($$"""{"input":"{{i}} {{new string('x', length)}}"}"""),
            }));
        }

        async Task DueShouldBe(int limit, params int[] places)
        {
            var due = await Storage.Crons.ListDueAsync(At(100), limit, new Dictionary<CronId, long>(), Token);
            due.Select(cron => crons.FindIndex(added => added.CronId == cron.CronId)).ShouldBe(places);
            foreach (var cron in due)
            {
                cron.Payload.Length.ShouldBe(crons.Single(added => added.CronId == cron.CronId).Payload.Length);
                await Storage.Crons.UpdateAsync(cron with { NextRunAt = null }, Token);
            }
        }

        await DueShouldBe(9, 5, 4);
        await DueShouldBe(1, 3);
        await DueShouldBe(9, 2, 1, 0);
    }

    [Fact]
    public async Task Crons_at_given_versions_are_left_out_of_those_that_are_due()
    {
        var changed = await AddCronAsync(cron => cron with { NextRunAt = At(10) });
        var same = await AddCronAsync(cron => cron with { NextRunAt = At(20), Owner = Bob.Id });
        var other = await AddCronAsync(cron => cron with { NextRunAt = At(30) });
        var known = new Dictionary<CronId, long>
        {
            [changed.CronId] = changed.Version,
            [same.CronId] = same.Version,
            [CronId.New(TimeProvider.System)] = other.Version,
        };

        async Task<CronId[]> DueAsync(int limit) =>
            [.. (await Storage.Crons.ListDueAsync(At(100), limit, known, Token)).Select(cron => cron.CronId)];

        (await DueAsync(9)).ShouldBe([other.CronId]);
        await Storage.Crons.UpdateAsync(changed with { Schedule = "0 0 1 1 *" }, Token);
        (await DueAsync(9)).ShouldBe([changed.CronId, other.CronId]);
        (await DueAsync(1)).ShouldBe([changed.CronId]);
    }

    [Fact]
    public async Task A_run_and_the_step_of_its_cron_are_stored_together_and_once()
    {
        var (cron, thread) = (await AddCronAsync(), NewThread());
        var step = new CronStep(cron.CronId, cron.Version, At(120));
        var creation = Creation(NewRun(thread.ThreadId), thread) with { Cron = step };

        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);
        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);

        (await FindAsync(cron)).ShouldBeSame(cron with { NextRunAt = At(120), Version = cron.Version + 1 });
        (await UnfinishedAsync()).Select(run => run.RunId).ShouldBe([creation.Run.RunId]);

        // Another server is late.
        var other = NewThread();
        var late = Creation(NewRun(other.ThreadId), other) with { Cron = step };
        (await Storage.Runs.CreateAsync(late, Token)).ShouldBe(RunCreated.CronChanged);
        (await Storage.Threads.FindAsync(Alice, other.ThreadId, Token)).ShouldBeNull();
        (await UnfinishedAsync()).Count.ShouldBe(1);
        (await FindAsync(cron)).Version.ShouldBe(cron.Version + 1);
    }

    [Fact]
    public async Task A_run_of_a_cron_that_was_changed_or_deleted_is_refused()
    {
        var cron = await AddCronAsync();
        var thread = await AddThreadAsync();
        var creation = Creation(NewRun(thread.ThreadId)) with { Cron = new CronStep(cron.CronId, cron.Version, null) };
        await Storage.Crons.UpdateAsync(cron with { IsEnabled = false, NextRunAt = null }, Token);

        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.CronChanged);
        await Storage.Crons.DeleteAsync(Alice, cron.CronId, Token);
        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.CronChanged);

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread);
        (await UnfinishedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_that_is_refused_does_not_step_its_cron()
    {
        var cron = await AddCronAsync();
        var step = new CronStep(cron.CronId, cron.Version, At(120));

        (await Storage.Runs.CreateAsync(Creation(NewRun(NewThreadId())) with { Cron = step }, Token)).ShouldBe(RunCreated.ThreadMissing);

        (await FindAsync(cron)).ShouldBeSame(cron);
    }

    private static CronRecord NewCron() => new()
    {
        CronId = CronId.New(TimeProvider.System),
        Owner = Alice.Id,
        AssistantId = new AssistantId(Guid.NewGuid()),
        Schedule = "* * * * *",
        Payload = """{"input":{}}"""u8.ToArray(),
        NextRunAt = At(60),
        CreatedAt = At(0),
        UpdatedAt = At(0),
    };

    private async Task<CronRecord> AddCronAsync(Func<CronRecord, CronRecord>? change = null)
    {
        var cron = change is null ? NewCron() : change(NewCron());
        await Storage.Crons.CreateAsync(cron, Token);
        return cron;
    }

    private async Task<CronRecord> FindAsync(CronRecord cron) =>
        (await Storage.Crons.FindAsync(Alice, cron.CronId, Token)).ShouldNotBeNull();
}
