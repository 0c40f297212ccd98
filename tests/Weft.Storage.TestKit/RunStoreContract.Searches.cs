using System.Text.Json;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>Searches for the runs of all threads.</summary>
public abstract partial class RunStoreContract
{
    [Fact]
    public async Task Runs_of_all_threads_are_found_in_pages_newest_first_for_their_actor()
    {
        var ids = new List<RunId>();
        for (var i = 0; i < 7; i++)
        {
            ids.Add((await AddSearchedAsync(i)).RunId);
        }

        await AddSearchedAsync(9, actor: Bob);
        (await PagesAsync(new RunQuery { Limit = 3 })).ShouldBe([ids[6], ids[5], ids[4], ids[3], ids[2], ids[1], ids[0]]);

        // Runs that are added later do not move those that are not read yet.
        var first = await SearchAsync(new RunQuery { Limit = 2 });
        await AddSearchedAsync(10);
        (await PagesAsync(new RunQuery { Limit = 2, After = first.Next })).ShouldBe([ids[4], ids[3], ids[2], ids[1], ids[0]]);
        (await SearchAsync(new RunQuery { Limit = 9 }, new Actor("carol"))).Runs.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_page_ends_when_enough_runs_were_read_and_the_next_one_continues()
    {
        var wanted = await AddSearchedAsync(0, run => run with { Metadata = """{"wanted":true}""" });
        for (var i = 1; i < 6; i++)
        {
            await AddSearchedAsync(i);
        }

        var query = new RunQuery { Metadata = JsonElement.Parse("""{"wanted":true}"""), ReadMax = 4 };
        var page = await SearchAsync(query);
        page.Runs.ShouldBeEmpty();
        page = await SearchAsync(query with { After = page.Next.ShouldNotBeNull() });
        page.Runs.ShouldHaveSingleItem().RunId.ShouldBe(wanted.RunId);
        page.Next.ShouldBeNull();
        (await CountAsync(query)).IsCapped.ShouldBeTrue();
    }

    [Fact]
    public async Task Runs_are_found_by_each_condition()
    {
        var success = await EndAsync(await AddSearchedAsync(1), RunStatus.Success, null, 3);
        var error = await EndAsync(
            await AddSearchedAsync(2, run => run with { Metadata = """{"graph_id":"g","tags":["a","b"]}""" }), RunStatus.Error, "Bad TOOL", 30);
        var timeout = await EndAsync(await AddSearchedAsync(3), RunStatus.Timeout, "too long", 40);
        var interrupted = await EndAsync(await AddSearchedAsync(4), RunStatus.Interrupted, null, null);
        var running = (await StartAsync(await AddSearchedAsync(5), 6)).RunId;
        var pending = (await AddSearchedAsync(7)).RunId;
        var thread = (await Storage.Runs.FindAsync(Alice, error, Token))!.ThreadId;
        var assistant = (await Storage.Runs.FindAsync(Alice, error, Token))!.AssistantId;

        async Task ShouldFind(RunQuery query, params RunId[] found) => (await PagesAsync(query)).ShouldBe(found, ignoreOrder: false, query.ToString());

        await ShouldFind(new RunQuery { Statuses = [RunStatus.Pending] }, pending);
        await ShouldFind(new RunQuery { Statuses = [RunStatus.Pending, RunStatus.Running] }, pending, running);
        await ShouldFind(new RunQuery { Statuses = [RunStatus.Success] }, success);
        await ShouldFind(new RunQuery { Statuses = [RunStatus.Success, RunStatus.Running] }, running, success);
        await ShouldFind(new RunQuery { Statuses = [RunStatus.Error, RunStatus.Interrupted] }, interrupted, error);
        await ShouldFind(new RunQuery { Statuses = [RunStatus.Timeout, RunStatus.Success] }, timeout, success);
        await ShouldFind(new RunQuery { ThreadId = thread }, error);
        await ShouldFind(new RunQuery { AssistantId = assistant }, error);
        await ShouldFind(new RunQuery { GraphId = "g" }, error);
        await ShouldFind(new RunQuery { GraphId = "h" });
        await ShouldFind(new RunQuery { Metadata = JsonElement.Parse("""{"tags":["b"]}""") }, error);
        await ShouldFind(new RunQuery { ErrorText = "tool" }, error);
        await ShouldFind(new RunQuery { CreatedFrom = At(3), CreatedBefore = At(5) }, interrupted, timeout);
        await ShouldFind(new RunQuery { DurationMin = TimeSpan.FromSeconds(25) }, running, timeout, error);
        (await CountAsync(new RunQuery())).ByStatus.OrderBy(count => count.Key).Select(count => (count.Key, count.Value)).ShouldBe(
            [
                (RunStatus.Pending, 1), (RunStatus.Running, 1), (RunStatus.Success, 1), (RunStatus.Error, 1), (RunStatus.Timeout, 1),
                (RunStatus.Interrupted, 1),
            ],
            ignoreOrder: true);
        (await CountAsync(new RunQuery { Statuses = [RunStatus.Error] })).ByStatus.Keys.ShouldBe([RunStatus.Error]);
        (await CountAsync(new RunQuery { ThreadId = thread })).ByStatus.Keys.ShouldBe([RunStatus.Error]);
        (await CountAsync(new RunQuery(), Bob)).ByStatus.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_keeps_the_time_of_its_first_start_and_the_kind_of_its_failure()
    {
        var run = await StartAsync(await AddSearchedAsync(1), 2);
        await Storage.Runs.TryReleaseAsync(FirstOf(run), null, At(3), Token);
        await Storage.Runs.TryStartAsync(FirstOf(run) with { Attempt = 2 }, At(4), Token);
        await Storage.Runs.FinishAsync(
            Finish(FirstOf(run) with { Attempt = 2 }) with { Status = RunStatus.Error, Error = "no", ErrorName = "Odd", Now = At(5) }, Token);

        var ended = (await Storage.Runs.FindAsync(Alice, run.RunId, Token)).ShouldNotBeNull();

        (ended.StartedAt, ended.EndedAt, ended.Attempt, ended.Error, ended.ErrorName).ShouldBe((At(2), At(5), 2, "no", "Odd"));
        (await AddSearchedAsync(6)).EndedAt.ShouldBeNull();
    }

    /// <summary>Adds a run on a thread of its own, whose id has the time of its creation.</summary>
    private async Task<RunRecord> AddSearchedAsync(double second, Func<RunRecord, RunRecord>? change = null, Actor? actor = null)
    {
        var owner = actor ?? Alice;
        var thread = await AddThreadAsync(owner);
        var run = NewRun(thread.ThreadId, second) with { RunId = new RunId(Guid.CreateVersion7(At(second))), Owner = owner.Id };
        run = change?.Invoke(run) ?? run;
        (await Storage.Runs.CreateAsync(Creation(run, actor: owner), Token)).ShouldBe(RunCreated.Created);
        return run;
    }

    private async Task<RunRecord> StartAsync(RunRecord run, double second)
    {
        (await Storage.Runs.TryStartAsync(FirstOf(run), At(second), Token)).ShouldNotBeNull();
        return run;
    }

    private async Task<RunId> EndAsync(RunRecord run, RunStatus status, string? error, double? second)
    {
        if (second is not null)
        {
            await StartAsync(run, 1);
        }

        var finish = Finish(FirstOf(run)) with { Status = status, Error = error, Now = At(second ?? 5) };
        (await Storage.Runs.FinishAsync(second is null ? finish with { Attempt = null } : finish, Token)).ShouldBeTrue();
        return run.RunId;
    }

    private async Task<(IReadOnlyList<RunRecord> Runs, RunId? Next)> SearchAsync(RunQuery query, Actor? actor = null)
    {
        var page = await Storage.Runs.SearchAllAsync(actor ?? Alice, query, At(60), Token);
        return (await page.Runs.ReadAllAsync(Token), page.Next);
    }

    private Task<RunCounts> CountAsync(RunQuery query, Actor? actor = null) =>
        Storage.Runs.CountAllAsync(actor ?? Alice, query, At(60), Token);

    private async Task<List<RunId>> PagesAsync(RunQuery query)
    {
        var found = new List<RunId>();
        while (true)
        {
            var page = await SearchAsync(query);
            page.Runs.Count.ShouldBeLessThanOrEqualTo(query.Limit);
            found.AddRange(page.Runs.Select(run => run.RunId));
            if (page.Next is null)
            {
                return found;
            }

            query = query with { After = page.Next };
        }
    }
}
