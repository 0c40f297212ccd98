using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>Searches.</summary>
public abstract partial class ThreadStoreContract
{
    [Fact]
    public async Task A_search_gives_pages_newest_first_and_the_total_of_the_actor()
    {
        var threads = await AddThreadsAsync(7, (thread, _) => thread);
        await AddThreadAsync(Bob);

        var page = await Storage.Threads.SearchAsync(Alice, new ThreadQuery { Limit = 3, Offset = 2 }, Token);

        page.Total.ShouldBe(7);
        page.Items.ShouldBeSame([threads[4], threads[3], threads[2]]);
        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery { Limit = 3, Offset = 7 }, Token)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_with_many_bytes_are_read_in_batches()
    {
        var text = new string('x', 500_000);
        var threads = await AddThreadsAsync(
            13, (thread, i) => thread with { Metadata = $$"""{"kind":"x","part":{"n":1},"n":{{i}},"text":"{{text}}"}""" });
        ThreadQuery[] queries =
        [
            new(),
            new() { SortBy = ThreadSort.UpdatedAt },
            new() { SortBy = ThreadSort.StateUpdatedAt },
            new() { SortBy = ThreadSort.ThreadId, Descending = false },
            new() { Metadata = """{"kind":"x"}""" },
            new() { Metadata = """{"part":{"n":1}}""" },
            new() { Ids = [.. threads.Select(thread => thread.ThreadId)] },
        ];
        var pages = new List<LazyPage<ThreadRecord>>();
        var orders = new List<List<ThreadId>>();
        foreach (var query in queries)
        {
            pages.Add(await Storage.Threads.OpenSearchAsync(Alice, query with { Limit = 11, Offset = 1 }, Token));
            var all = await Storage.Threads.SearchAsync(Alice, query with { Limit = 100 }, Token);
            orders.Add([.. all.Items.Select(thread => thread.ThreadId)]);
        }

        // One that is read later in each of the orders. Ids of the same millisecond are in any order.
        var deleted = threads.First(thread => orders.All(order => order.IndexOf(thread.ThreadId) is >= 5 and < 12)).ThreadId;
        await Storage.Threads.DeleteAsync(Alice, deleted, null, Token);
        for (var i = 0; i < queries.Length; i++)
        {
            var (page, all) = (pages[i], await Storage.Threads.SearchAsync(Alice, queries[i] with { Limit = 100 }, Token));
            page.Total.ShouldBe(13);
            page.Count.ShouldBe(11);
            page.First.Count.ShouldBe(4);
            var expected = all.Items.Skip(1).Take(10).Select(thread => thread.ThreadId);
            (await page.ReadAllAsync(Token)).Select(thread => thread.ThreadId).ShouldBe(expected, $"{queries[i]}");
        }
    }

    [Fact]
    public async Task Threads_of_later_batches_are_checked_again()
    {
        var text = new string('x', 500_000);
        string Metadata(string kind) => $$"""{"kind":"{{kind}}","text":"{{text}}"}""";
        var threads = await AddThreadsAsync(8, (thread, _) => thread with { Metadata = Metadata("x") });
        var byKind = await Storage.Threads.OpenSearchAsync(
            Alice, new ThreadQuery { Metadata = """{"kind":"x"}""", Descending = false, Limit = 20 }, Token);
        var all = await Storage.Threads.OpenSearchAsync(Alice, new ThreadQuery { Descending = false, Limit = 20 }, Token);
        byKind.First.Count.ShouldBe(4);

        await Storage.Threads.PatchAsync(
            Alice, threads[5].ThreadId, new MetadataChange(threads[5].Metadata, Metadata("y")), null, At(30), Token);
        // A database may give the key of the last thread to the next one.
        await Storage.Threads.DeleteAsync(Alice, threads[7].ThreadId, null, Token);
        (await Storage.Threads.TryCreateAsync(NewThread() with { Metadata = Metadata("x") }, Token)).ShouldBeTrue();

        var ids = threads.Select(thread => thread.ThreadId).ToList();
        (await byKind.ReadAllAsync(Token)).Select(thread => thread.ThreadId).ShouldBe([.. ids[..5], ids[6]]);
        (await all.ReadAllAsync(Token)).Select(thread => thread.ThreadId).ShouldBe(ids[..7]);
    }

    [Fact]
    public async Task The_total_follows_additions_and_deletions_also_those_with_runs()
    {
        var threads = await AddThreadsAsync(3, (thread, _) => thread);
        var withRun = NewThread();
        await Storage.Runs.CreateAsync(Creation(NewRun(withRun.ThreadId), withRun), Token);
        await Storage.Runs.CreateAsync(Creation(NewRun(withRun.ThreadId), withRun), Token);
        await Storage.Runs.CreateAsync(Creation(NewRun(withRun.ThreadId)), Token);
        await Storage.Threads.TryCreateAsync(threads[1], Token);

        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery(), Token)).Total.ShouldBe(4);
        await Storage.Threads.DeleteAsync(Alice, threads[0].ThreadId, null, Token);
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

        (await Matches("""{"graph":"a"}""")).ShouldBeSame([threads[0], threads[1]]);
        (await Matches("""{"user":{"id":1}}""")).ShouldBeSame([threads[0], threads[2]]);
        (await Matches("""{"graph":"a","user":{"id":1}}""")).ShouldBeSame([threads[0]]);
        (await Matches("""{"tags":[1,2]}""")).ShouldBeSame([threads[0]]);
        (await Matches("""{"tags":[1]}""")).ShouldBeSame([threads[0]]);
        (await Matches("""{"tags":[2,1,2]}""")).ShouldBeSame([threads[0]]);
        (await Matches("""{"tags":[3]}""")).ShouldBeEmpty();
        (await Matches("""{"user":null}""")).ShouldBeSame([threads[3]]);
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
            new ThreadQuery
            {
                Status = ThreadStatus.Busy,
                Metadata = """{"k":1}""",
                Ids = [.. threads.Skip(1).Select(thread => thread.ThreadId), NewThreadId()],
                Limit = 2,
                Offset = 1,
            },
            Token);

        page.Total.ShouldBe(4);
        page.Items.ShouldBeSame([threads[6], threads[4]]);
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

    [Theory]
    [InlineData("1", "1.0", "10e-1", "0.1E1")]
    [InlineData("0", "-0", "0.0", "0e7")]
    [InlineData("-120", "-1.2e2", "-120.00")]
    [InlineData("123456789012345678901234567890", "12345678901234567890123456789e1")]
    [InlineData("\"ü\"", "\"\\u00fc\"")]
    public async Task Equal_values_of_metadata_are_found_however_they_are_written(params string[] forms)
    {
        var threads = await AddThreadsAsync(forms.Length, (thread, i) => thread with { Metadata = $$"""{"v":{{forms[i]}},"t":"1"}""" });

        foreach (var form in forms)
        {
            var page = await FindAsync($$"""{"v":{{form}}}""");
            page.Items.Select(thread => thread.ThreadId).ShouldBe(Enumerable.Reverse(threads).Select(thread => thread.ThreadId));
            page.Total.ShouldBe(forms.Length);
        }

        (await FindAsync("""{"v":"1"}""")).Total.ShouldBe(0);
        (await FindAsync("""{"v":1e-1}""")).Total.ShouldBe(0);
        (await FindAsync("""{"v":12}""")).Total.ShouldBe(0);
    }

    [Fact]
    public async Task Metadata_with_many_members_or_long_texts_is_found_too()
    {
        var many = $$"""{"kind":"x",{{string.Join(',', Enumerable.Range(0, 500).Select(i => $"\"m{i}\":{i}"))}}}""";
        var text = new string('t', 5_000);
        await AddThreadsAsync(4, (thread, i) => thread with
        {
            Metadata = i switch
            {
                0 => many,
                1 => """{"kind":"x","m7":8}""",
                2 => $$"""{"kind":"x","":1,"text":"{{text}}","half":"\ud800"}""",
                _ => """{"kind":"y","m7":7,"m7":8}""",
            },
        });

        async Task TotalShouldBe(int total, string metadata) => (await FindAsync(metadata)).Total.ShouldBe(total);

        await TotalShouldBe(3, """{"kind":"x"}""");
        await TotalShouldBe(1, """{"kind":"x","m7":7,"m499":499}""");
        await TotalShouldBe(0, """{"kind":"y","m7":7}""");
        await TotalShouldBe(2, """{"m7":8}""");
        await TotalShouldBe(1, $$"""{"text":"{{text}}"}""");
        await TotalShouldBe(1, """{"":1,"kind":"x"}""");
        (await Storage.Threads.SearchAsync(Bob, new ThreadQuery { Metadata = """{"kind":"x"}""" }, Token)).Total.ShouldBe(0);
    }

    [Fact]
    public async Task A_search_follows_every_change_of_metadata()
    {
        var random = new Random(4711);
        string[] values = ["1", "2", "\"a\"", "true", "null", """{"x":1}""", "[1]"];
        string NewMetadata() =>
            $$"""{"a":{{values[random.Next(values.Length)]}},"b":{{values[random.Next(values.Length)]}},"c":{{random.Next(1000)}}}""";

        var known = new Dictionary<ThreadId, ThreadRecord>();
        for (var i = 0; i < 300; i++)
        {
            var thread = NewThread(second: random.Next(100)) with { Metadata = NewMetadata() };
            known[thread.ThreadId] = thread;
            await Storage.Threads.TryCreateAsync(thread, Token);
            var some = known.Values.ElementAt(random.Next(known.Count));
            if (i % 3 == 0)
            {
                var changed = some with { Metadata = NewMetadata() };
                known[some.ThreadId] = changed;
                var change = new MetadataChange(some.Metadata, changed.Metadata);
                _ = i % 2 == 0
                    ? (object)await Storage.Threads.PatchAsync(Alice, some.ThreadId, change, null, At(1), Token)
                    : await Storage.Runs.CreateAsync(Creation(NewRun(some.ThreadId)) with { ThreadMetadata = change }, Token);
            }
            else if (i % 7 == 0)
            {
                known.Remove(some.ThreadId);
                foreach (var run in await Storage.Runs.SearchAsync(Alice, some.ThreadId, null, 10, 0, Token))
                {
                    await Storage.Runs.DeleteAsync(run.Key, null, null, null, At(2), Token);
                }

                (await Storage.Threads.DeleteAsync(Alice, some.ThreadId, null, Token)).ShouldBe(WriteResult.Applied);
            }
            else if (i % 5 == 0)
            {
                var copyId = NewThreadId();
                await Storage.Threads.CopyAsync(await CopyOfAsync(some, copyId), Token);
                known[copyId] = some with { ThreadId = copyId, CreatedAt = At(5) };
            }
        }

        foreach (var filter in new[] { """{"a":1}""", """{"a":"a","b":2}""", """{"b":{"x":1}}""", """{"a":[1],"b":null}""", """{"a":true,"c":7}""" })
        {
            var wanted = known.Values
                .Where(thread => JsonContainment.Contains(Parse(thread.Metadata), Parse(filter)))
                .OrderByDescending(thread => thread.CreatedAt).ThenByDescending(thread => thread.ThreadId.Value, StringComparer.Ordinal)
                .Select(thread => thread.ThreadId)
                .ToList();
            var page = await FindAsync(filter, limit: 5, offset: 2);

            page.Total.ShouldBe(wanted.Count);
            page.Items.Select(thread => thread.ThreadId).ShouldBe(wanted.Skip(2).Take(5));
        }
    }

    [Theory]
    [InlineData(ThreadSort.CreatedAt)]
    [InlineData(ThreadSort.StateUpdatedAt)]
    public async Task Pages_of_common_and_of_rare_metadata_are_in_order(ThreadSort sort)
    {
        var threads = await AddThreadsAsync(700, (thread, i) => thread with
        {
            StateUpdatedAt = thread.CreatedAt,
            Metadata = $$"""{"common":true,"half":{{(i < 350 ? 1 : 2)}},"rare":{{i / 3}}}""",
        });

        async Task IndexesShouldBe(string metadata, int total, params int[] indexes)
        {
            var query = new ThreadQuery { Metadata = metadata, Limit = 3, Offset = 1, SortBy = sort };
            var page = await Storage.Threads.SearchAsync(Alice, query, Token);
            page.Items.Select(thread => thread.ThreadId).ShouldBe(indexes.Select(i => threads[i].ThreadId));
            page.Total.ShouldBe(total);
            (await Storage.Threads.SearchAsync(Alice, query with { Offset = total }, Token)).Items.ShouldBeEmpty();
            (await Storage.Threads.SearchAsync(Alice, query with { Limit = 0 }, Token)).Total.ShouldBe(total);
        }

        await IndexesShouldBe("""{"common":true}""", 700, 698, 697, 696);
        await IndexesShouldBe("""{"common":true,"half":1}""", 350, 348, 347, 346);
        await IndexesShouldBe("""{"rare":7,"common":true}""", 3, 22, 21);
        await IndexesShouldBe("""{"rare":7,"half":2}""", 0);
    }

    private static JsonElement Parse(string json) => GraphJson.Parse(Encoding.UTF8.GetBytes(json));

    private Task<Page<ThreadRecord>> FindAsync(string metadata, int limit = 10, int offset = 0) =>
        Storage.Threads.SearchAsync(Alice, new ThreadQuery { Metadata = metadata, Limit = limit, Offset = offset }, Token);

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
