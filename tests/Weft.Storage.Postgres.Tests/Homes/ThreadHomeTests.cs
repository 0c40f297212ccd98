using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>Servers of a cluster on one database: which of them is the home of a thread.</summary>
public sealed partial class ThreadHomeTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = new(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);
    private static readonly Actor Alice = new("alice");

    private readonly string _connectionString = TestDatabases.Create();
    private readonly ClusterServer _one;
    private readonly ClusterServer _two;

    public ThreadHomeTests()
    {
        _one = new ClusterServer(_connectionString);
        _two = new ClusterServer(_connectionString);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        TestDatabases.Remove(_connectionString);
    }

    [Fact]
    public async Task The_server_that_creates_a_run_is_the_home_of_its_thread_until_the_end()
    {
        var run = await CreateAsync(_one, await AddThreadAsync());
        (await HomeAsync(run.ThreadId)).ShouldBe(_one.Key);
        (await _two.Threads.FindAsync(Alice, run.ThreadId, Token)).ShouldNotBeNull().Home.ShouldBe(_one.Key);

        await EndAsync(_one, run);

        (await HomeAsync(run.ThreadId)).ShouldBeNull();
        (await _two.Threads.FindAsync(Alice, run.ThreadId, Token)).ShouldNotBeNull().Home.ShouldBeNull();
    }

    [Fact]
    public async Task A_thread_that_is_created_with_its_run_has_a_home()
    {
        var (first, second) = (NewRun(NewThread()), NewRun(NewThread()));
        await _one.Runs.CreateAllAsync([Creation(first, NewThread(first.ThreadId)), Creation(second, NewThread(second.ThreadId))], Token);
        var rare = NewRun(NewThread());
        var creation = Creation(rare, NewThread(rare.ThreadId)) with { Request = new RequestKey(null, "key", "hash") };
        (await _one.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);

        foreach (var run in (RunRecord[])[first, second, rare])
        {
            (await HomeAsync(run.ThreadId)).ShouldBe(_one.Key);
            await StartAsync(_one, run, 1);
            await EndAsync(_one, run, 1);
            (await HomeAsync(run.ThreadId)).ShouldBeNull();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_creation_elsewhere_is_refused_and_a_repeated_one_is_recognised(bool isRare)
    {
        var thread = await AddThreadAsync();
        await CreateAsync(_one, thread);
        var creation = Creation(NewRun(thread));
        creation = isRare ? creation with { Request = new RequestKey(null, "key", "hash") } : creation;

        (await _two.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Elsewhere);
        (await _one.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);

        // The answer was lost, and the request went to another server, which repeated it there.
        (await _one.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);
        (await _two.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);
        (await _two.Runs.ListUnfinishedRunsAsync(thread.ThreadId, Token)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_creation_of_another_owner_does_not_show_that_the_thread_exists()
    {
        var thread = await AddThreadAsync();
        await CreateAsync(_one, thread);

        (await _two.Runs.CreateAsync(Creation(NewRun(thread)) with { Actor = new Actor("bob") }, Token)).ShouldBe(RunCreated.ThreadMissing);
    }

    [Fact]
    public async Task A_creation_on_a_home_that_is_gone_is_refused_until_the_caller_has_claimed_the_thread()
    {
        var thread = await AddThreadAsync();
        await CreateAsync(_one, thread);
        _one.Die();
        (await _two.Runs.CreateAsync(Creation(NewRun(thread)), Token)).ShouldBe(RunCreated.Elsewhere);

        (await _two.Homes.ClaimAsync(thread.ThreadId, holds: false, Token)).ShouldBe(_two.Key);

        (await _two.Runs.CreateAsync(Creation(NewRun(thread)), Token)).ShouldBe(RunCreated.Created);
    }

    [Fact]
    public async Task Of_many_servers_that_create_at_once_on_an_idle_thread_one_succeeds()
    {
        for (var i = 0; i < 50; i++)
        {
            var thread = await AddThreadAsync();
            var created = await Task.WhenAll(
                from server in (ClusterServer[])[_one, _two]
                from _ in Enumerable.Range(0, 4)
                select Task.Run(async () => (server.Key, Result: await server.Runs.CreateAsync(Creation(NewRun(thread)), Token)), Token));

            var home = (await HomeAsync(thread.ThreadId)).ShouldNotBeNull();
            created.ShouldAllBe(one => one.Result == (one.Key == home ? RunCreated.Created : RunCreated.Elsewhere));
        }
    }

    [Fact]
    public async Task An_end_that_leaves_unfinished_runs_keeps_the_home()
    {
        var thread = await AddThreadAsync();
        var (first, second, third) = (await CreateAsync(_one, thread), await CreateAsync(_one, thread), await CreateAsync(_one, thread));
        await StartAsync(_one, first, 1);

        await EndAsync(_one, second);
        (await HomeAsync(thread.ThreadId)).ShouldBe(_one.Key);
        await EndAsync(_one, first, 1);
        (await HomeAsync(thread.ThreadId)).ShouldBe(_one.Key);
        await EndAsync(_one, third);
        (await HomeAsync(thread.ThreadId)).ShouldBeNull();
    }

    [Fact]
    public async Task Ends_and_creations_that_are_committed_together_keep_the_home_for_the_unfinished_run()
    {
        for (var i = 0; i < 100; i++)
        {
            var thread = await AddThreadAsync();
            var first = await CreateAsync(_one, thread);
            var next = NewRun(thread);

            var ended = _one.Runs.FinishAsync(Finish(first, null), Token);
            (await _one.Runs.CreateAsync(Creation(next), Token)).ShouldBe(RunCreated.Created);

            (await ended).ShouldBeTrue();
            (await HomeAsync(thread.ThreadId)).ShouldBe(_one.Key);
            await EndAsync(_one, next);
            (await HomeAsync(thread.ThreadId)).ShouldBeNull();
        }
    }

    [Fact]
    public async Task A_rollback_ends_the_home_too()
    {
        var thread = await AddThreadAsync();
        var (first, second) = (await CreateAsync(_one, thread), await CreateAsync(_one, thread));
        await StartAsync(_one, first, 1);

        (await DeleteAsync(_one, first, 1)).ShouldBe(WriteResult.Applied);
        (await HomeAsync(thread.ThreadId)).ShouldBe(_one.Key);
        (await DeleteAsync(_one, second, null)).ShouldBe(WriteResult.Applied);
        (await HomeAsync(thread.ThreadId)).ShouldBeNull();
    }

    [Fact]
    public async Task Another_server_removes_no_run_of_a_thread_with_a_home()
    {
        var thread = await AddThreadAsync();
        var ended = await CreateAsync(_one, thread);
        await EndAsync(_one, ended);
        var run = await CreateAsync(_one, thread);

        (await DeleteAsync(_two, ended, null)).ShouldBe(WriteResult.Busy);
        (await DeleteAsync(_two, run, null)).ShouldBe(WriteResult.Busy);
        await EndAsync(_one, run);
        (await DeleteAsync(_two, ended, null)).ShouldBe(WriteResult.Applied);
    }

    [Fact]
    public async Task A_pending_run_is_ended_by_its_home_only()
    {
        var run = await CreateAsync(_one, await AddThreadAsync());

        (await _two.Runs.FinishAsync(Finish(run, null), Token)).ShouldBeFalse();
        (await _two.Runs.FinishAsync(Finish(run, null) with { DeleteThread = true }, Token)).ShouldBeFalse();

        (await _two.Threads.FindAsync(Alice, run.ThreadId, Token)).ShouldNotBeNull().Status.ShouldBe(ThreadStatus.Busy);
        await EndAsync(_one, run);
    }

    [Fact]
    public async Task A_server_that_lost_the_home_starts_nothing_but_may_end_what_it_has_started()
    {
        var thread = await AddThreadAsync();
        var (first, second) = (await CreateAsync(_one, thread), await CreateAsync(_one, thread));
        await StartAsync(_one, first, 1);
        _one.Die();
        (await _two.Homes.ClaimAsync(thread.ThreadId, holds: false, Token)).ShouldBe(_two.Key);

        await EndAsync(_one, first, 1);
        (await _one.Runs.TryStartAsync(Attempt(second, 1), Now, Token)).ShouldBeNull();
        (await _one.Runs.FinishAsync(Finish(second, null), Token)).ShouldBeFalse();

        (await HomeAsync(thread.ThreadId)).ShouldBe(_two.Key);
        await StartAsync(_two, second, 1);
        await EndAsync(_two, second, 1);
        (await HomeAsync(thread.ThreadId)).ShouldBeNull();
    }

    [Fact]
    public async Task A_run_does_not_start_before_an_earlier_one_that_waits()
    {
        var thread = await AddThreadAsync();
        var delayed = NewRun(thread) with { NotBefore = Now.AddHours(1) };
        (await _one.Runs.CreateAsync(Creation(delayed), Token)).ShouldBe(RunCreated.Created);
        var (first, second) = (await CreateAsync(_one, thread), await CreateAsync(_one, thread));

        (await _one.Runs.TryStartAsync(Attempt(second, 1), Now, Token)).ShouldBeNull();
        await StartAsync(_one, first, 1);
        await StartAsync(_one, first, 2);
        await EndAsync(_one, first, 2);
        await StartAsync(_one, second, 1);
    }

    [Fact]
    public async Task A_run_is_not_stored_as_started_while_others_of_its_thread_are_unfinished()
    {
        var thread = await AddThreadAsync();
        var first = await CreateAsync(_one, thread);
        var started = NewRun(thread) with { Status = RunStatus.Running, Attempt = 1, StartOrder = 1 };

        (await _one.Runs.CreateAsync(Creation(started), Token)).ShouldBe(RunCreated.ThreadChanged);

        await EndAsync(_one, first);
        (await _one.Runs.CreateAsync(Creation(started), Token)).ShouldBe(RunCreated.Created);
    }

    [Fact]
    public async Task An_end_that_a_former_home_stores_leaves_the_thread_busy_while_it_has_unfinished_runs()
    {
        var thread = await AddThreadAsync();
        var first = await CreateAsync(_one, thread);
        await StartAsync(_one, first, 1);
        _one.Die();
        (await _two.Homes.ClaimAsync(thread.ThreadId, holds: false, Token)).ShouldBe(_two.Key);
        var second = await CreateAsync(_two, thread);

        await EndAsync(_one, first, 1);

        (await _two.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldNotBeNull().Status.ShouldBe(ThreadStatus.Busy);
        await StartAsync(_two, second, 1);
        await EndAsync(_two, second, 1);
        (await _two.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldNotBeNull().Status.ShouldBe(ThreadStatus.Idle);
    }

    [Fact]
    public async Task A_run_has_the_server_of_its_newest_attempt()
    {
        var run = NewRun(NewThread()) with { Status = RunStatus.Running, Attempt = 1, StartOrder = 1 };
        (await _one.Runs.CreateAsync(Creation(run, NewThread(run.ThreadId)), Token)).ShouldBe(RunCreated.Created);
        (await ServerOfAsync(run)).ShouldBe(_one.Key);
        _one.Die();
        await _two.Homes.ClaimAsync(run.ThreadId, holds: false, Token);

        await StartAsync(_two, run, 2);

        (await ServerOfAsync(run)).ShouldBe(_two.Key);
        (await _one.Runs.FinishAsync(Finish(run, 1), Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_released_run_and_a_request_to_cancel_leave_the_home_as_it_is()
    {
        var run = await CreateAsync(_one, await AddThreadAsync());
        await StartAsync(_one, run, 1);

        (await _two.Runs.TryRequestCancelAsync(run.Key, new CancelRequest(CancelAction.Interrupt), Now, Token)).ShouldBeTrue();
        (await _one.Runs.TryReleaseAsync(Attempt(run, 1), null, Now, Token)).ShouldBeTrue();

        (await HomeAsync(run.ThreadId)).ShouldBe(_one.Key);
    }

    [Fact]
    public async Task A_single_server_finds_no_homes_of_a_cluster()
    {
        var (busy, held, left) = (await AddThreadAsync(), await AddThreadAsync(), await AddThreadAsync());
        var run = await CreateAsync(_one, busy);
        await _one.Homes.ClaimAsync(held.ThreadId, holds: true, Token);
        await _two.Homes.ClaimAsync(left.ThreadId, holds: false, Token);
        await _one.DisposeAsync();
        await _two.DisposeAsync();

        await using var database = new PostgresDatabase(new PostgresStorageOptions { ConnectionString = _connectionString });
        var runs = new PostgresRunStore(database);

        (await runs.TryStartAsync(Attempt(run, 1), Now, Token)).ShouldBe(1);
        (await runs.FinishAsync(Finish(run, 1), Token)).ShouldBeTrue();
        foreach (var thread in (ThreadRecord[])[busy, held, left])
        {
            (await new PostgresThreadHomeStore(database).FindAsync(thread.ThreadId, Token)).ShouldBeNull();
            (await runs.CreateAsync(Creation(NewRun(thread)), Token)).ShouldBe(RunCreated.Created);
        }
    }
}
