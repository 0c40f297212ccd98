using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>Opening, and the order and the failures of writes.</summary>
public sealed class PostgresDatabaseTests : IDisposable
{
    private readonly string _connectionString = TestDatabases.Create(isEmpty: true);

    public PostgresDatabaseTests() => TestDatabases.Execute(
        _connectionString,
        "CREATE SCHEMA trial",
        "CREATE TABLE trial.rows (place bigint GENERATED ALWAYS AS IDENTITY, thread text, number int CHECK (number <> 13))");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PostgresStorageOptions Options => new() { ConnectionString = _connectionString, LockTimeout = TimeSpan.Zero };

    public void Dispose() => TestDatabases.Remove(_connectionString);

    [Fact]
    public async Task Writes_of_a_thread_are_committed_in_the_order_of_the_calls_whatever_their_kind()
    {
        await using var database = new PostgresDatabase(Options);
        var threads = Enumerable.Range(0, 20).Select(i => new ThreadId($"t{i}")).ToList();
        var writes = Enumerable.Range(20, 2_000).Select(number => number % 10 == 0
            ? database.WriteAsync(threads[number % 20], session => InsertAsync(session, threads[number % 20], number), Token)
            : database.WriteAsync(threads[number % 20], InsertRow.Kind, (threads[number % 20], number), Token));

        (await Task.WhenAll(writes.ToList())).ShouldAllBe(isDone => isDone);

        foreach (var thread in threads)
        {
            var numbers = await NumbersAsync(database, thread);
            numbers.Count.ShouldBe(100);
            numbers.ShouldBeInOrder();
        }
    }

    [Fact]
    public async Task Of_a_group_of_200_only_the_one_that_fails_fails()
    {
        await using var database = new PostgresDatabase(Options);
        await database.OpenAsync(Token);
        var writes = Enumerable.Range(0, 200)
            .Select(i => (Thread: new ThreadId($"t{i}"), Number: i == 100 ? 13 : 1_000 + i))
            .Select(row => database.WriteAsync(row.Thread, InsertRow.Kind, row, Token))
            .ToList();

        var failure = await Should.ThrowAsync<PostgresException>(writes[100]);

        failure.SqlState.ShouldBe(PostgresErrorCodes.CheckViolation);
        writes.RemoveAt(100);
        (await Task.WhenAll(writes)).ShouldAllBe(isDone => isDone);
        (await database.ReadAsync(session => session.Use("SELECT count(*) FROM trial.rows").FirstAsync(row => row.Integer(0)), Token))
            .ShouldBe(199);
    }

    [Fact]
    public async Task A_second_server_is_refused_until_the_first_one_has_ended()
    {
        var first = new PostgresDatabase(Options);
        await first.OpenAsync(Token);
        await using (var second = new PostgresDatabase(Options))
        {
            (await Should.ThrowAsync<DatabaseUnavailableException>(second.OpenAsync(Token))).Message.ShouldStartWith(
                "Another server uses the schema 'weft' of the database ");
        }

        var waiting = new PostgresDatabase(new PostgresStorageOptions { ConnectionString = _connectionString });
        var opened = waiting.OpenAsync(Token);
        await first.DisposeAsync();
        await opened;
        (await waiting.TryHoldLockAsync(Token)).ShouldBeTrue();
        await waiting.DisposeAsync();
    }

    [Theory]
    [InlineData("weft_2")]
    [InlineData("user")]
    public async Task Another_schema_may_be_used_by_another_server(string schema)
    {
        await using var first = new PostgresDatabase(Options);
        await first.OpenAsync(Token);
        var options = Options;
        options.Schema = schema;
        await using var second = new PostgresDatabase(options);
        await new PostgresProbe(second).CheckAsync(Token);

        static Task<long> NumberAsync(PostgresDatabase database) =>
            database.ReadAsync(session => session.Use("SELECT number FROM weft.probes").FirstAsync(row => row.Integer(0)), Token);
        (await NumberAsync(second)).ShouldBe(1);
        (await NumberAsync(first)).ShouldBe(0);
        var threadId = ThreadId.New(TimeProvider.System);
        var thread = new ThreadRecord { ThreadId = threadId, Owner = "me", CreatedAt = default, UpdatedAt = default };
        (await new PostgresThreadStore(second).TryCreateAsync(thread, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_that_stands_still_in_a_transaction_keeps_its_locks_for_some_seconds_only()
    {
        await using var still = new PostgresDatabase(Options, use: DatabaseUse.Cluster);
        await using var other = new PostgresDatabase(Options, use: DatabaseUse.Cluster);
        await other.OpenAsync(Token);
        var (isLocked, isDone, tries) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        var standing = still.WriteAsync(
            async session =>
            {
                tries++;
                await session.Use(PostgresProbe.Change).ExecuteAsync();
                isLocked.TrySetResult();
                await isDone.Task;
                return true;
            },
            Token);
        await isLocked.Task;

        await new PostgresProbe(other).CheckAsync(Token).WaitAsync(TimeSpan.FromSeconds(25), Token);

        isDone.SetResult();
        (await standing).ShouldBeTrue();
        tries.ShouldBe(2);
    }

    [Fact]
    public async Task Searches_leave_connections_to_other_reads()
    {
        var options = Options;
        (options.ReadConnectionsMax, options.SearchConnectionsMax) = (3, 2);
        await using var database = new PostgresDatabase(options);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = 0;
        var searches = Enumerable.Range(0, 20)
            .Select(_ => database.SearchAsync(
                async session =>
                {
                    Interlocked.Increment(ref running);
                    await Task.Delay(Timeout.Infinite, stop.Token);
                    return true;
                },
                stop.Token))
            .ToList();

        for (var i = 0; i < 10; i++)
        {
            var read = database.ReadAsync(session => session.Use("SELECT 1").FirstAsync(row => row.Integer(0)), Token);
            (await read.WaitAsync(TimeSpan.FromSeconds(20), Token)).ShouldBe(1);
        }

        running.ShouldBeLessThanOrEqualTo(2);
        await stop.CancelAsync();
        await Task.WhenAll(searches).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_text_that_can_not_be_stored_is_stored_with_replacements()
    {
        await using var database = new PostgresDatabase(Options);
        await database.OpenAsync(Token);

        (await database.ReadAsync(session => session.Use("SELECT $1").Add("a\0b\ud800c🧵").FirstAsync(row => row.Text(0)), Token))
            .ShouldBe("a\ufffdb\ufffdc🧵");
    }

    private static async Task<bool> InsertAsync(Session session, ThreadId thread, int number) =>
        await session.Use("INSERT INTO trial.rows (thread, number) VALUES ($1, $2)").Add(thread.Value).Add(number).ExecuteAsync() == 1;

    private static Task<List<long>> NumbersAsync(PostgresDatabase database, ThreadId thread) => database.ReadAsync(
        session => session.Use("SELECT number FROM trial.rows WHERE thread = $1 ORDER BY place")
            .Add(thread.Value).ListAsync(row => row.Integer(0)),
        Token);

    private sealed class InsertRow : GroupedWrite<(ThreadId Thread, int Number), bool>
    {
        public static readonly InsertRow Kind = new();

        public override string Sql => """
            WITH given AS (SELECT * FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS given (thread, number, place)),
                added AS (INSERT INTO trial.rows (thread, number) SELECT thread, number FROM given ORDER BY given.place)
            SELECT place FROM given
            """;

        public override bool Missing => false;

        public override void Bind(Statement statement, IReadOnlyList<(ThreadId Thread, int Number)> rows) => statement
            .Add(rows.Select(row => row.Thread.Value).ToArray())
            .Add(rows.Select(row => row.Number).ToArray());

        public override bool Read(Row row) => true;
    }
}
