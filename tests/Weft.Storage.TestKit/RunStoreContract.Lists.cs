using System.Text;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>Pages and lists.</summary>
public abstract partial class RunStoreContract
{
    [Fact]
    public async Task Pending_runs_of_a_thread_are_listed_in_the_order_of_their_creation()
    {
        var (thread, other) = (await AddThreadAsync(), await AddThreadAsync());
        var running = await StartRunAsync(thread.ThreadId);
        var ids = new List<RunId>();
        for (var i = 0; i < 3; i++)
        {
            // Created by a clock that goes back.
            ids.Add((await AddRunAsync(thread.ThreadId, 10 - i)).RunId);
            await AddRunAsync(other.ThreadId);
        }

        async Task PageShouldBe(Actor actor, int limit, int offset, int total, params RunId[] runs)
        {
            var page = await Storage.Runs.SearchPendingAsync(actor, thread.ThreadId, limit, offset, Token);
            page.Items.Select(run => run.RunId).ShouldBe(runs);
            page.Total.ShouldBe(total);
        }

        await PageShouldBe(Alice, 9, 0, 3, [.. ids]);
        await PageShouldBe(Alice, 1, 1, 3, ids[1]);
        await PageShouldBe(Bob, 9, 0, 0);
        (await Storage.Runs.FinishAsync(Finish(running), Token)).ShouldBeTrue();
        await Storage.Runs.DeleteAsync(new RunKey(thread.ThreadId, ids[0]), null, null, null, At(2), Token);
        await PageShouldBe(Alice, 9, 0, 2, ids[1], ids[2]);
    }

    [Fact]
    public async Task Pages_with_many_bytes_are_read_in_batches()
    {
        var thread = await AddThreadAsync();
        var ids = new List<RunId>();
        for (var i = 0; i < 16; i++)
        {
            var run = NewRun(thread.ThreadId, i) with
            {
                RunId = new RunId(Guid.CreateVersion7(At(i))),
                Kwargs = Encoding.UTF8.GetBytes($$$"""{"input":{"n":{{{i}}},"text":"{{{new string('x', 1_000_000)}}}"}}"""),
            };
            (await Storage.Runs.CreateAsync(Creation(run), Token)).ShouldBe(RunCreated.Created);
            ids.Add(run.RunId);
        }

        LazyPage<RunRecord>[] pages =
        [
            await Storage.Runs.OpenSearchAsync(Alice, thread.ThreadId, null, 14, 1, Token),
            await Storage.Runs.OpenPendingAsync(Alice, thread.ThreadId, 14, 1, Token),
            (await Storage.Runs.SearchAllAsync(Alice, new RunQuery { Limit = 14, After = ids[^1] }, At(60), Token)).Runs,
        ];
        pages[1].Total.ShouldBe(16);
        await Storage.Runs.DeleteAsync(new RunKey(thread.ThreadId, ids[7]), null, null, null, At(20), Token);

        for (var i = 0; i < pages.Length; i++)
        {
            var expected = ids.GetRange(1, 14);
            expected.Remove(ids[7]);
            if (i != 1)
            {
                expected.Reverse();
            }

            pages[i].Count.ShouldBe(14);
            pages[i].First.Count.ShouldBe(4);
            var runs = await pages[i].ReadAllAsync(Token);
            runs.Select(run => run.RunId).ShouldBe(expected);
            runs.ShouldAllBe(run => run.Kwargs.Length > 1_000_000);
        }

        var waiting = await Storage.Runs.ListUnfinishedRunsAsync(thread.ThreadId, Token);
        waiting.Select(run => run.RunId).ShouldBe(ids.Where(id => id != ids[7]));
        // What the actor does not see any more is skipped.
        var scoped = Alice with { Scope = new ActorScope { Threads = MetadataFilter.Equal("owner", "ada") } };
        var seen = NewThread() with { Metadata = """{"owner":"ada"}""" };
        (await Storage.Threads.TryCreateAsync(seen, Token)).ShouldBeTrue();
        for (var i = 0; i < 6; i++)
        {
            await Storage.Runs.CreateAsync(
                Creation(NewRun(seen.ThreadId, i) with { Kwargs = Encoding.UTF8.GetBytes($"\"{new string('x', 1_000_000)}\"") }), Token);
        }

        var page = await Storage.Runs.OpenSearchAsync(scoped, seen.ThreadId, null, 10, 0, Token);
        page.Count.ShouldBe(6);
        await Storage.Threads.PatchAsync(
            Alice, seen.ThreadId, new MetadataChange(seen.Metadata, """{"owner":"bob"}"""), null, At(30), Token);
        (await page.ReadAllAsync(Token)).Count.ShouldBe(4);
    }

    [Fact]
    public async Task Runs_of_later_batches_are_checked_again()
    {
        var thread = await AddThreadAsync();
        var runs = new List<RunRecord>();
        async Task<RunRecord> Add(int i)
        {
            // Delayed runs start in any order.
            var run = NewRun(thread.ThreadId, i) with
            {
                RunId = new RunId(Guid.CreateVersion7(At(i))),
                NotBefore = At(i),
                Kwargs = Encoding.UTF8.GetBytes($"\"{new string('x', 1_000_000)}\""),
            };
            (await Storage.Runs.CreateAsync(Creation(run), Token)).ShouldBe(RunCreated.Created);
            return run;
        }

        for (var i = 0; i < 8; i++)
        {
            runs.Add(await Add(i));
        }

        LazyPage<RunRecord>[] pages =
        [
            await Storage.Runs.OpenPendingAsync(Alice, thread.ThreadId, 20, 0, Token),
            await Storage.Runs.OpenSearchAsync(Alice, thread.ThreadId, RunStatus.Pending, 20, 0, Token),
            (await Storage.Runs.SearchAllAsync(Alice, new RunQuery { Statuses = [RunStatus.Pending], Limit = 20 }, At(60), Token)).Runs,
        ];
        var all = await Storage.Runs.OpenSearchAsync(Alice, thread.ThreadId, null, 20, 0, Token);
        // Of one order the first rows have been read, of the other the last ones.
        (await Storage.Runs.TryStartAsync(FirstOf(runs[2]), At(20), Token)).ShouldNotBeNull();
        (await Storage.Runs.FinishAsync(Finish(FirstOf(runs[2])), Token)).ShouldBeTrue();
        (await Storage.Runs.TryStartAsync(FirstOf(runs[5]), At(20), Token)).ShouldNotBeNull();
        // A database may give the key of the last run to the next one.
        await Storage.Runs.DeleteAsync(new RunKey(thread.ThreadId, runs[7].RunId), null, null, null, At(21), Token);
        await Add(22);

        var ids = runs.ConvertAll(run => run.RunId);
        (await pages[0].ReadAllAsync(Token)).Select(run => run.RunId).ShouldBe([ids[0], ids[1], ids[2], ids[3], ids[4], ids[6]]);
        foreach (var page in pages[1..])
        {
            (await page.ReadAllAsync(Token)).Select(run => run.RunId).ShouldBe([ids[7], ids[6], ids[5], ids[4], ids[3], ids[1], ids[0]]);
        }

        var ended = (await all.ReadAllAsync(Token)).Single(run => run.RunId == ids[2]);
        ended.Status.ShouldBe(RunStatus.Success);
    }

    [Fact]
    public async Task Unfinished_runs_are_listed_without_their_inputs()
    {
        var thread = await AddThreadAsync();
        var delayed = await AddDelayedAsync(thread.ThreadId, 5);
        var running = await StartRunAsync(thread.ThreadId);
        var pending = await AddRunAsync(thread.ThreadId);
        await AddRunAsync((await AddThreadAsync()).ThreadId);

        (await Storage.Runs.ListUnfinishedRunsAsync(thread.ThreadId, Token)).ShouldBe(
        [
            new UnfinishedRun(running.RunId, Alice.Id, RunStatus.Running, null),
            new UnfinishedRun(delayed.RunId, Alice.Id, RunStatus.Pending, At(5)),
            new UnfinishedRun(pending.RunId, Alice.Id, RunStatus.Pending, null),
        ]);
    }

    [Fact]
    public async Task Runs_are_seen_with_their_threads()
    {
        var (seen, hidden) = (NewThread() with { Metadata = """{"owner":"ada"}""" }, NewThread() with { Metadata = """{"owner":"bob"}""" });
        var runs = new Dictionary<ThreadId, RunId>();
        foreach (var thread in (ThreadRecord[])[seen, hidden])
        {
            (await Storage.Threads.TryCreateAsync(thread, Token)).ShouldBeTrue();
            runs[thread.ThreadId] = (await AddRunAsync(thread.ThreadId)).RunId;
        }

        var actor = Alice with { Scope = new ActorScope { Threads = MetadataFilter.Equal("owner", "ada") } };
        foreach (var thread in (ThreadRecord[])[seen, hidden])
        {
            var expected = thread == seen ? 1 : 0;
            (await Storage.Runs.FindAsync(actor, runs[thread.ThreadId], Token) is null).ShouldBe(thread == hidden);
            (await Storage.Runs.SearchAsync(actor, thread.ThreadId, null, 9, 0, Token)).Count.ShouldBe(expected);
            (await Storage.Runs.SearchPendingAsync(actor, thread.ThreadId, 9, 0, Token)).Total.ShouldBe(expected);
        }

        (await Storage.Runs.SearchUnfinishedAsync(actor, null, null, 1, Token)).Single().ThreadId.ShouldBe(seen.ThreadId);
        // A run with a new thread can't take the thread that is not seen.
        var creation = Creation(NewRun(hidden.ThreadId), NewThread() with { ThreadId = hidden.ThreadId }, actor);
        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.ThreadMissing);
    }

    [Fact]
    public async Task Runs_of_a_thread_are_listed_newest_first_in_pages_for_their_actor()
    {
        var thread = await AddThreadAsync();
        var other = await AddThreadAsync();
        var runs = new List<RunId>();
        for (var i = 0; i < 6; i++)
        {
            runs.Add((await AddDelayedAsync(thread.ThreadId)).RunId);
            await AddRunAsync(other.ThreadId);
        }

        await Storage.Runs.TryStartAsync(new RunAttempt(thread.ThreadId, runs[2], 1), At(1), Token);

        async Task<IEnumerable<RunId>> Search(Actor actor, RunStatus? status, int limit, int offset) =>
            (await Storage.Runs.SearchAsync(actor, thread.ThreadId, status, limit, offset, Token)).Select(run => run.RunId);

        (await Search(Alice, null, 2, 1)).ShouldBe([runs[4], runs[3]]);
        (await Search(Alice, RunStatus.Running, 9, 0)).ShouldBe([runs[2]]);
        (await Search(Alice, RunStatus.Pending, 9, 0)).ShouldBe([runs[5], runs[4], runs[3], runs[1], runs[0]]);
        (await Search(Bob, null, 9, 0)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Unfinished_runs_of_an_actor_are_found_in_pages_newest_first_also_after_reopening()
    {
        var (thread, other) = (await AddThreadAsync(), await AddThreadAsync());
        var ofBob = NewThread(Bob);
        var ended = await StartRunAsync(thread.ThreadId);
        await Storage.Runs.FinishAsync(Finish(ended), Token);
        var runs = new List<RunRecord>();
        for (var i = 0; i < 5; i++)
        {
            // Two of each second: then the id decides.
            runs.Add(await AddDelayedAsync((i % 2 == 0 ? thread : other).ThreadId, 10 + (i / 2)));
        }

        await Storage.Runs.CreateAsync(Creation(NewRun(ofBob.ThreadId, 11), ofBob, Bob), Token);
        await Storage.Runs.TryStartAsync(FirstOf(runs[2]), At(20), Token);
        await Storage.CloseAsync();
        var newestFirst = runs.OrderByDescending(run => run.CreatedAt)
            .ThenByDescending(run => run.RunId.Value.ToByteArray(bigEndian: true), ByteOrder)
            .Select(run => run.RunId)
            .ToList();

        async Task<List<RunId>> Pages(RunStatus? status, int limit)
        {
            var found = new List<RunId>();
            for (RunRecord? last = null; ;)
            {
                var page = await Storage.Runs.SearchUnfinishedAsync(Alice, status, last, limit, Token);
                page.Count.ShouldBeLessThanOrEqualTo(limit);
                if (page.Count == 0)
                {
                    return found;
                }

                found.AddRange(page.Select(run => run.RunId));
                last = page[^1];
            }
        }

        (await Pages(null, 2)).ShouldBe(newestFirst);
        (await Pages(null, 9)).ShouldBe(newestFirst);
        (await Pages(RunStatus.Pending, 1)).ShouldBe(newestFirst.Where(run => run != runs[2].RunId));
        (await Pages(RunStatus.Running, 9)).ShouldBe([runs[2].RunId]);
    }

    [Fact]
    public async Task Unfinished_runs_of_a_thread_are_listed_in_the_order_in_which_they_go_on()
    {
        var (thread, other, done) = (await AddThreadAsync(), await AddThreadAsync(), await AddThreadAsync());
        await Storage.Runs.FinishAsync(Finish(await StartRunAsync(done.ThreadId)), Token);
        var first = await AddDelayedAsync(thread.ThreadId);
        var ofOther = await AddRunAsync(other.ThreadId, 1);
        var running = await AddRunAsync(thread.ThreadId, 2);
        await Storage.Runs.TryStartAsync(FirstOf(running), At(3), Token);
        var last = await AddRunAsync(thread.ThreadId, 4);

        var both = await Storage.Runs.ListUnfinishedThreadsAsync(null, 9, Token);
        both.ShouldBe([new UnfinishedThread(thread.ThreadId, At(0)), new UnfinishedThread(other.ThreadId, At(1))]);
        (await Storage.Runs.ListUnfinishedThreadsAsync(null, 1, Token)).ShouldBe([both[0]]);
        (await Storage.Runs.ListUnfinishedThreadsAsync(both[0], 1, Token)).ShouldBe([both[1]]);
        (await Storage.Runs.ListUnfinishedThreadsAsync(both[1], 9, Token)).ShouldBeEmpty();
        (await Storage.Runs.ListUnfinishedRunsAsync(thread.ThreadId, Token))
            .Select(run => run.RunId)
            .ShouldBe([running.RunId, first.RunId, last.RunId]);
        (await Storage.Runs.ListUnfinishedRunsAsync(other.ThreadId, Token)).Select(run => run.RunId).ShouldBe([ofOther.RunId]);
        (await Storage.Runs.ListUnfinishedRunsAsync(done.ThreadId, Token)).ShouldBeEmpty();
    }

    private static Comparer<byte[]> ByteOrder => Comparer<byte[]>.Create((first, second) => first.AsSpan().SequenceCompareTo(second));
}
