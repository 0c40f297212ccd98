using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

public sealed partial class ThreadHomeTests
{
    [Fact]
    public async Task Of_two_servers_that_claim_a_thread_one_becomes_its_home()
    {
        for (var i = 0; i < 50; i++)
        {
            var thread = await AddThreadAsync();
            var homes = await Task.WhenAll(
                Task.Run(() => _one.Homes.ClaimAsync(thread.ThreadId, holds: true, Token), Token),
                Task.Run(() => _two.Homes.ClaimAsync(thread.ThreadId, holds: true, Token), Token));

            homes[0].ShouldBe(homes[1]);
            (await HomeAsync(thread.ThreadId)).ShouldBe(homes[0].ShouldNotBeNull());
        }
    }

    [Fact]
    public async Task Of_two_servers_that_claim_the_thread_of_a_dead_one_one_becomes_its_home()
    {
        for (var i = 0; i < 20; i++)
        {
            await using var dead = new ClusterServer(_connectionString);
            var run = await CreateAsync(dead, await AddThreadAsync());
            dead.Die();
            var homes = await Task.WhenAll(
                Task.Run(() => _one.Homes.ClaimAsync(run.ThreadId, holds: false, Token), Token),
                Task.Run(() => _two.Homes.ClaimAsync(run.ThreadId, holds: false, Token), Token));

            homes[0].ShouldBe(homes[1]);
            homes[0].ShouldNotBe(dead.Key);
        }
    }

    [Fact]
    public async Task A_thread_that_does_not_exist_has_no_home_and_gets_none()
    {
        var threadId = ThreadId.New(TimeProvider.System);

        (await _one.Homes.FindAsync(threadId, Token)).ShouldBeNull();
        (await _one.Homes.ClaimAsync(threadId, holds: true, Token)).ShouldBeNull();
        await _one.Homes.LetGoAsync([threadId], Token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_home_is_taken_over_only_if_it_is_gone(bool vanishes)
    {
        var run = await CreateAsync(_one, await AddThreadAsync());
        (await _two.Homes.ClaimAsync(run.ThreadId, holds: false, Token)).ShouldBe(_one.Key);
        (await _two.Homes.ClaimLeftAsync(10, Token)).ShouldBeEmpty();

        if (vanishes)
        {
            _one.Vanish();
        }
        else
        {
            _one.Die();
        }

        (await _two.Homes.ClaimAsync(run.ThreadId, holds: false, Token)).ShouldBe(_two.Key);
        (await HomeAsync(run.ThreadId)).ShouldBe(_two.Key);
        await StartAsync(_two, run, 1);
    }

    [Fact]
    public async Task A_held_thread_keeps_its_home_until_it_is_let_go()
    {
        var thread = await AddThreadAsync();
        (await _one.Homes.ClaimAsync(thread.ThreadId, holds: true, Token)).ShouldBe(_one.Key);
        (await _one.Homes.ClaimAsync(thread.ThreadId, holds: false, Token)).ShouldBe(_one.Key);
        await EndAsync(_one, await CreateAsync(_one, thread));
        var deleted = await CreateAsync(_one, thread);
        (await DeleteAsync(_one, deleted, null)).ShouldBe(WriteResult.Applied);

        (await HomeAsync(thread.ThreadId)).ShouldBe(_one.Key);
        (await _two.Runs.CreateAsync(Creation(NewRun(thread)), Token)).ShouldBe(RunCreated.Elsewhere);

        await _one.Homes.LetGoAsync([thread.ThreadId], Token);

        (await HomeAsync(thread.ThreadId)).ShouldBeNull();
        await CreateAsync(_two, thread);
    }

    [Fact]
    public async Task A_busy_thread_that_is_let_go_has_its_home_until_the_end()
    {
        var run = await CreateAsync(_one, await AddThreadAsync());
        await _one.Homes.ClaimAsync(run.ThreadId, holds: true, Token);

        await _one.Homes.LetGoAsync([run.ThreadId], Token);

        (await HomeAsync(run.ThreadId)).ShouldBe(_one.Key);
        await EndAsync(_one, run);
        (await HomeAsync(run.ThreadId)).ShouldBeNull();
    }

    [Fact]
    public async Task A_server_lets_go_its_own_threads_only()
    {
        var thread = await AddThreadAsync();
        await _one.Homes.ClaimAsync(thread.ThreadId, holds: true, Token);

        await _two.Homes.LetGoAsync([thread.ThreadId], Token);

        (await HomeAsync(thread.ThreadId)).ShouldBe(_one.Key);
    }

    [Fact]
    public async Task Threads_that_are_let_go_while_runs_are_created_keep_a_home_for_the_runs()
    {
        for (var i = 0; i < 50; i++)
        {
            var thread = await AddThreadAsync();
            await _one.Homes.ClaimAsync(thread.ThreadId, holds: true, Token);
            var run = NewRun(thread);

            var creating = Task.Run(() => _one.Runs.CreateAsync(Creation(run), Token), Token);
            await _one.Homes.LetGoAsync([thread.ThreadId], Token);
            (await creating).ShouldBe(RunCreated.Created);

            (await HomeAsync(thread.ThreadId)).ShouldBe(_one.Key);
            await EndAsync(_one, run);
            (await HomeAsync(thread.ThreadId)).ShouldBeNull();
        }
    }

    [Fact]
    public async Task The_hold_of_a_server_that_is_gone_ends_with_its_home()
    {
        var run = await CreateAsync(_one, await AddThreadAsync());
        await _one.Homes.ClaimAsync(run.ThreadId, holds: true, Token);
        _one.Die();
        await _two.Homes.ClaimAsync(run.ThreadId, holds: false, Token);

        await EndAsync(_two, run);

        (await HomeAsync(run.ThreadId)).ShouldBeNull();
    }

    [Fact]
    public async Task A_thread_that_is_given_up_with_an_unfinished_run_is_claimed_before_another_run_is_added()
    {
        var thread = await AddThreadAsync();
        var run = await CreateAsync(_one, thread);
        await StartAsync(_one, run, 1);
        await _one.Homes.ClaimAsync(thread.ThreadId, holds: true, Token);
        (await _one.Runs.TryReleaseAsync(Attempt(run, 1), null, Now, Token)).ShouldBeTrue();

        await _one.Homes.GiveUpAsync([thread.ThreadId], Token);

        (await HomeAsync(thread.ThreadId)).ShouldBeNull();
        (await _one.Runs.TryStartAsync(Attempt(run, 2), Now, Token)).ShouldBeNull();
        (await _two.Runs.CreateAsync(Creation(NewRun(thread)), Token)).ShouldBe(RunCreated.Elsewhere);
        (await _two.Homes.ClaimAsync(thread.ThreadId, holds: false, Token)).ShouldBe(_two.Key);
        var next = await CreateAsync(_two, thread);
        await StartAsync(_two, run, 2);
        await EndAsync(_two, run, 2);
        await EndAsync(_two, next);
        (await HomeAsync(thread.ThreadId)).ShouldBeNull();
    }

    [Fact]
    public async Task A_thread_that_is_given_to_another_server_never_is_without_a_home()
    {
        var thread = await AddThreadAsync();
        var run = await CreateAsync(_one, thread);

        // Only the home can give it.
        await _two.Homes.GiveToAsync(thread.ThreadId, _two.Key, Token);
        (await HomeAsync(thread.ThreadId)).ShouldBe(_one.Key);
        await _one.Homes.GiveToAsync(thread.ThreadId, _two.Key, Token);

        (await HomeAsync(thread.ThreadId)).ShouldBe(_two.Key);
        (await _one.Homes.ClaimAsync(thread.ThreadId, holds: false, Token)).ShouldBe(_two.Key);
        await StartAsync(_two, run, 1);
        await EndAsync(_two, run, 1);
    }

    [Fact]
    public async Task A_held_thread_is_taken_from_the_server_that_offers_it_unless_it_has_unfinished_runs()
    {
        var thread = await AddThreadAsync();
        await _one.Homes.ClaimAsync(thread.ThreadId, holds: true, Token);
        (await _two.Homes.TakeAsync(thread.ThreadId, _one.Key, Token)).ShouldBe(_one.Key);
        // Only the home can offer it.
        await _two.Homes.OfferAsync(thread.ThreadId, Token);
        (await _two.Homes.TakeAsync(thread.ThreadId, _one.Key, Token)).ShouldBe(_one.Key);
        await _one.Homes.OfferAsync(thread.ThreadId, Token);

        // Another server has given it before.
        (await _two.Homes.TakeAsync(thread.ThreadId, _two.Key, Token)).ShouldBe(_one.Key);
        (await _two.Homes.TakeAsync(thread.ThreadId, _one.Key, Token)).ShouldBe(_two.Key);
        (await _two.Homes.TakeAsync(thread.ThreadId, _one.Key, Token)).ShouldBe(_two.Key);

        var run = await CreateAsync(_two, thread);
        await _two.Homes.OfferAsync(thread.ThreadId, Token);
        (await _one.Homes.TakeAsync(thread.ThreadId, _two.Key, Token)).ShouldBe(_two.Key);
        await EndAsync(_two, run);
        (await HomeAsync(thread.ThreadId)).ShouldBe(_two.Key);
        (await _one.Homes.TakeAsync(ThreadId.New(TimeProvider.System), _two.Key, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_take_that_comes_after_the_giver_has_claimed_the_thread_again_does_nothing()
    {
        var thread = await AddThreadAsync();
        await _one.Homes.ClaimAsync(thread.ThreadId, holds: true, Token);
        await _one.Homes.OfferAsync(thread.ThreadId, Token);
        // No third server claims it meanwhile.
        (await _two.Homes.ClaimAsync(thread.ThreadId, holds: true, Token)).ShouldBe(_one.Key);

        (await _one.Homes.ClaimAsync(thread.ThreadId, holds: true, Token)).ShouldBe(_one.Key);

        (await _two.Homes.TakeAsync(thread.ThreadId, _one.Key, Token)).ShouldBe(_one.Key);
        (await HomeAsync(thread.ThreadId)).ShouldBe(_one.Key);
        await EndAsync(_one, await CreateAsync(_one, thread));
        (await HomeAsync(thread.ThreadId)).ShouldBe(_one.Key);
    }

    [Fact]
    public async Task Of_an_offered_thread_that_is_taken_and_claimed_again_at_once_either_happens()
    {
        for (var i = 0; i < 50; i++)
        {
            var thread = await AddThreadAsync();
            await _one.Homes.ClaimAsync(thread.ThreadId, holds: true, Token);
            await _one.Homes.OfferAsync(thread.ThreadId, Token);

            var claiming = Task.Run(() => _one.Homes.ClaimAsync(thread.ThreadId, holds: true, Token), Token);
            var home = await _two.Homes.TakeAsync(thread.ThreadId, _one.Key, Token);

            (await claiming).ShouldBe(home);
            (await HomeAsync(thread.ThreadId)).ShouldBe(home);
        }
    }

    [Fact]
    public async Task Of_a_thread_that_is_taken_while_a_run_is_created_either_happens()
    {
        for (var i = 0; i < 50; i++)
        {
            var thread = await AddThreadAsync();
            await _one.Homes.ClaimAsync(thread.ThreadId, holds: true, Token);
            await _one.Homes.OfferAsync(thread.ThreadId, Token);
            var run = NewRun(thread);

            var creating = Task.Run(() => _one.Runs.CreateAsync(Creation(run), Token), Token);
            var home = await _two.Homes.TakeAsync(thread.ThreadId, _one.Key, Token);

            (await creating).ShouldBe(home == _one.Key ? RunCreated.Created : RunCreated.Elsewhere);
            (await HomeAsync(thread.ThreadId)).ShouldBe(home);
        }
    }

    [Fact]
    public async Task Anyone_edits_and_removes_a_held_thread_without_unfinished_runs()
    {
        var thread = await AddThreadAsync();
        await _one.Homes.ClaimAsync(thread.ThreadId, holds: true, Token);
        var checkpoints = new PostgresCheckpointStore(_two.Database);

        var edit = new ThreadEdit { ThreadId = thread.ThreadId, Version = thread.Version, Checkpoints = [], Now = Now };
        (await checkpoints.ApplyEditAsync(edit, Token)).ShouldBe(WriteResult.Applied);
        (await HomeAsync(thread.ThreadId)).ShouldBe(_one.Key);
        (await _two.Threads.DeleteAsync(Alice, thread.ThreadId, null, Token)).ShouldBe(WriteResult.Applied);
    }

    [Fact]
    public async Task Survivors_share_the_busy_threads_of_a_dead_server_and_those_without_a_home()
    {
        const int Threads = 60;
        var all = new List<ThreadId>();
        for (var i = 0; i < Threads; i++)
        {
            all.Add((await CreateAsync(_one, await AddThreadAsync())).ThreadId);
        }

        await EndAsync(_one, await CreateAsync(_one, await AddThreadAsync()));
        var own = await CreateAsync(_two, await AddThreadAsync());
        TestDatabases.Execute(
            _connectionString,
            "UPDATE weft.thread_standings SET home = NULL WHERE thread_key IN (SELECT thread_key FROM weft.runs ORDER BY run_key LIMIT 5)");
        _one.Die();
        await using var three = new ClusterServer(_connectionString);

        var claimed = await Task.WhenAll(Task.Run(() => ClaimAllAsync(_two), Token), Task.Run(() => ClaimAllAsync(three), Token));

        InOrder(claimed[0].Concat(claimed[1])).ShouldBe(InOrder(all));
        (await ListOwnAsync(_two)).ShouldBe(InOrder(claimed[0].Append(own.ThreadId)));
        (await ListOwnAsync(three)).ShouldBe(InOrder(claimed[1]));
        (await _one.Homes.ListOwnAsync(null, 10, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_thread_that_another_server_is_claiming_is_skipped()
    {
        var (locked, free) = (await CreateAsync(_one, await AddThreadAsync()), await CreateAsync(_one, await AddThreadAsync()));
        _one.Die();
        var (isLocked, isDone) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var other = new ClusterServer(_connectionString);
        var holding = other.Database.WriteAsync(
            async session =>
            {
                await session.Use($"SELECT 1 FROM weft.thread_standings WHERE thread_key = {ThreadRows.Key} FOR UPDATE")
                    .Add(locked.ThreadId.Value).FirstAsync(row => row.Integer(0));
                isLocked.TrySetResult();
                await isDone.Task;
                return true;
            },
            Token);
        await isLocked.Task;

        (await _two.Homes.ClaimLeftAsync(10, Token)).ShouldBe([free.ThreadId]);

        isDone.SetResult();
        await holding;
        (await _two.Homes.ClaimLeftAsync(10, Token)).ShouldBe([locked.ThreadId]);
    }

    private static IEnumerable<ThreadId> InOrder(IEnumerable<ThreadId> threadIds) =>
        threadIds.OrderBy(static id => id.Value, StringComparer.Ordinal);

    private static async Task<List<ThreadId>> ClaimAllAsync(ClusterServer server)
    {
        var all = new List<ThreadId>();
        while (await server.Homes.ClaimLeftAsync(7, Token) is { Count: > 0 } page)
        {
            page.Count.ShouldBeLessThanOrEqualTo(7);
            all.AddRange(page);
        }

        return all;
    }

    private static async Task<List<ThreadId>> ListOwnAsync(ClusterServer server)
    {
        var all = new List<ThreadId>();
        while (await server.Homes.ListOwnAsync(all.Count == 0 ? null : all[^1], 7, Token) is { Count: > 0 } page)
        {
            all.AddRange(page);
        }

        return all;
    }
}
