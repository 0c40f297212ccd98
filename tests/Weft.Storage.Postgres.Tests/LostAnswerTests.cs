using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>A write whose answer is lost is repeated, and its caller gets the result that was lost.</summary>
public sealed class LostAnswerTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = new(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);
    private static readonly Actor Alice = new("alice");

    private readonly string _connectionString = TestDatabases.Create();
    private readonly LossyProxy _proxy;
    private readonly PostgresDatabase _database;

    public LostAnswerTests()
    {
        _proxy = new LossyProxy(_connectionString);
        _database = new PostgresDatabase(new PostgresStorageOptions { ConnectionString = _proxy.ConnectionString });
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _proxy.DisposeAsync();
        TestDatabases.Remove(_connectionString);
    }

    [Fact]
    public async Task A_thread_is_created_and_removed_once()
    {
        var threads = new PostgresThreadStore(_database);
        var thread = NewThread() with { Metadata = """{"a":1.50}""" };

        (await LosingAsync(() => threads.TryCreateAsync(thread, Token))).ShouldBeTrue();
        (await threads.TryCreateAsync(thread, Token)).ShouldBeFalse();
        (await threads.SearchAsync(Alice, new ThreadQuery(), Token)).Total.ShouldBe(1);

        (await LosingAsync(() => threads.DeleteAsync(Alice, thread.ThreadId, null, Token))).ShouldBe(WriteResult.Applied);
        (await LosingAsync(() => threads.DeleteAsync(Alice, thread.ThreadId, null, Token))).ShouldBe(WriteResult.Missing);
    }

    [Fact]
    public async Task A_run_is_created_started_ended_and_removed_once()
    {
        var (runs, thread) = (new PostgresRunStore(_database), NewThread());
        var run = NewRun(thread);
        var creation = new RunCreation { Actor = Alice, Run = run, NewThread = thread };
        (await LosingAsync(() => runs.CreateAsync(creation, Token))).ShouldBe(RunCreated.Created);
        (await LosingAsync(() => runs.TryStartAsync(new RunAttempt(thread.ThreadId, run.RunId, 1), Now, Token))).ShouldBe(1);

        // A rollback.
        (await LosingAsync(() => runs.DeleteAsync(run.Key, 1, new ThreadOutcome(ThreadStatus.Idle), null, Now, Token)))
            .ShouldBe(WriteResult.Applied);

        var next = NewRun(thread);
        (await runs.CreateAsync(new RunCreation { Actor = Alice, Run = next }, Token)).ShouldBe(RunCreated.Created);
        var finish = new RunFinish
        {
            ThreadId = thread.ThreadId,
            RunId = next.RunId,
            Status = RunStatus.Interrupted,
            Thread = new ThreadOutcome(ThreadStatus.Idle),
            Now = Now,
        };
        (await LosingAsync(() => runs.FinishAsync(finish, Token))).ShouldBeTrue();
        (await LosingAsync(() => runs.DeleteAsync(next.Key, null, null, null, Now, Token))).ShouldBe(WriteResult.Applied);
    }

    [Fact]
    public async Task An_API_key_is_added_once()
    {
        var keys = new PostgresApiKeyStore(_database);
        var key = new ApiKeyRecord { Id = "a1", Name = "", Owner = "", Permissions = [], Hash = new byte[] { 1 }, CreatedAt = Now };

        (await LosingAsync(() => keys.TryAddAsync(key, Token))).ShouldBeTrue();

        (await keys.TryAddAsync(key, Token)).ShouldBeFalse();
        (await LosingAsync(() => keys.TryAddAsync(key with { Hash = new byte[] { 2 } }, Token))).ShouldBeFalse();
        (await keys.ListAsync(Token)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_cron_and_an_item_are_removed_once()
    {
        var crons = new PostgresCronStore(_database);
        var cron = new CronRecord
        {
            CronId = CronId.New(TimeProvider.System),
            Owner = Alice.Id,
            AssistantId = new AssistantId(Guid.NewGuid()),
            Schedule = "* * * * *",
            Payload = "{}"u8.ToArray(),
            CreatedAt = Now,
            UpdatedAt = Now,
        };
        await LosingAsync(async () =>
        {
            await crons.CreateAsync(cron, Token);
            return true;
        });
        (await LosingAsync(() => crons.DeleteAsync(Alice, cron.CronId, Token))).ShouldBeTrue();
        (await crons.DeleteAsync(Alice, cron.CronId, Token)).ShouldBeFalse();

        var items = new PostgresItemStore(_database).Open(Alice, new StoreOptions(), TimeProvider.System);
        await items.PutAsync(["a"], "k", JsonElement.Parse("{}"), cancellationToken: Token);
        (await LosingAsync(() => items.DeleteAsync(["a"], "k", Token))).ShouldBeTrue();
        (await items.DeleteAsync(["a"], "k", Token)).ShouldBeFalse();
    }

    private static ThreadRecord NewThread() =>
        new() { ThreadId = ThreadId.New(TimeProvider.System), Owner = Alice.Id, CreatedAt = Now.AddTicks(7), UpdatedAt = Now };

    private static RunRecord NewRun(ThreadRecord thread) => new()
    {
        RunId = RunId.New(TimeProvider.System),
        ThreadId = thread.ThreadId,
        Owner = Alice.Id,
        AssistantId = new AssistantId(Guid.NewGuid()),
        Kwargs = "{}"u8.ToArray(),
        CreatedAt = Now,
        UpdatedAt = Now,
    };

    /// <summary>Loses the answer of the first commit of a write.</summary>
    private async Task<T> LosingAsync<T>(Func<Task<T>> write)
    {
        // The connections are open, so that the next answer is not that to a connection that begins.
        await new PostgresProbe(_database).CheckAsync(Token);
        await _database.WriteAsync(NewThread().ThreadId, session => session.Use("SELECT 1").FirstAsync(row => row.Integer(0)), Token);
        _proxy.LoseNext();
        var result = await write();
        _proxy.HasLost.ShouldBeTrue();
        return result;
    }
}
