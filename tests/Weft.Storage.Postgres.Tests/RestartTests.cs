using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>The database goes away in the middle of writes: callers wait and go on, and nothing that was acknowledged is lost.</summary>
public sealed class RestartTests
{
    private const int Callers = 16;

    private static readonly DateTimeOffset Now = new(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);
    private static readonly Actor Alice = new("alice");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_is_killed_and_started_again_has_all_that_was_acknowledged()
    {
        await using var server = await PostgresServer.StartAsync(isDurable: true);
        await using var database = new PostgresDatabase(new PostgresStorageOptions { ConnectionString = server.ConnectionTo("postgres") });

        await ShouldSurviveAsync(database, async () =>
        {
            await server.KillAsync();
            await Task.Delay(300, Token);
            await server.StartAgainAsync();
        });

        (await database.TryHoldLockAsync(Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Lost_connections_are_replaced()
    {
        var connectionString = TestDatabases.Create();
        await using (var database = new PostgresDatabase(new PostgresStorageOptions { ConnectionString = connectionString }))
        {
            await ShouldSurviveAsync(database, () =>
            {
                Disconnect(connectionString);
                return Task.CompletedTask;
            });
        }

        TestDatabases.Remove(connectionString);
    }

    [Theory]
    [InlineData("ALTER DATABASE {0} ALLOW_CONNECTIONS false", "ALTER DATABASE {0} ALLOW_CONNECTIONS true")]
    [InlineData("ALTER DATABASE {0} CONNECTION LIMIT 0", "ALTER DATABASE {0} CONNECTION LIMIT -1")]
    [InlineData("REVOKE CONNECT ON DATABASE {0} FROM PUBLIC", "GRANT CONNECT ON DATABASE {0} TO PUBLIC")]
    [InlineData("ALTER ROLE {0}_role NOLOGIN", "ALTER ROLE {0}_role LOGIN")]
    [InlineData(
        "ALTER DATABASE {0} ALLOW_CONNECTIONS false;SELECT pg_terminate_backend(pid, 9000) FROM pg_stat_activity WHERE datname = '{0}';"
            + "ALTER DATABASE {0} RENAME TO {0}_away",
        "ALTER DATABASE {0}_away RENAME TO {0};ALTER DATABASE {0} ALLOW_CONNECTIONS true")]
    public async Task A_database_that_refuses_connections_for_a_moment_delays_its_callers(string refuse, string allow)
    {
        var connectionString = TestDatabases.Create();
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database!;
        string[] Of(string statements) => string.Format(CultureInfo.InvariantCulture, statements, name).Split(';');
        TestDatabases.Execute(connectionString, Of(
            "CREATE ROLE {0}_role LOGIN;GRANT ALL ON SCHEMA weft TO {0}_role;GRANT ALL ON ALL TABLES IN SCHEMA weft TO {0}_role;"
                + "GRANT ALL ON ALL SEQUENCES IN SCHEMA weft TO {0}_role"));
        var asRole = new NpgsqlConnectionStringBuilder(connectionString) { Username = $"{name}_role" }.ConnectionString;
        await using (var database = new PostgresDatabase(new PostgresStorageOptions { ConnectionString = asRole }))
        {
            await ShouldSurviveAsync(database, async () =>
            {
                TestDatabases.ExecuteOutside(
                    [.. Of(refuse), .. Of("SELECT pg_terminate_backend(pid, 9000) FROM pg_stat_activity WHERE datname = '{0}'")]);
                await Task.Delay(500, Token);
                TestDatabases.ExecuteOutside(Of(allow));
            });
            (await database.TryHoldLockAsync(Token)).ShouldBeTrue();
        }

        TestDatabases.Execute(connectionString, Of("DROP OWNED BY {0}_role"));
        TestDatabases.Remove(connectionString);
        TestDatabases.ExecuteOutside(Of("DROP ROLE {0}_role"));
    }

    [Fact]
    public async Task A_password_that_is_wrong_for_a_moment_delays_callers_and_keeps_a_server_from_starting()
    {
        await using var server = await TcpPostgres.StartAsync(static server =>
        {
            server.Write(
                "pg_hba.conf", "local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
            return [];
        });
        await server.ExecuteAsync("CREATE ROLE app LOGIN PASSWORD 'first'");
        await server.ExecuteAsync("GRANT ALL ON DATABASE postgres TO app");
        var asApp = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = "app", Password = "first" };
        var options = new PostgresStorageOptions { ConnectionString = asApp.ConnectionString };
        await using var database = new PostgresDatabase(options);
        await database.OpenAsync(Token);
        const string Disconnect = "SELECT pg_terminate_backend(pid, 9000) FROM pg_stat_activity WHERE usename = 'app'";

        await server.ExecuteAsync("ALTER ROLE app PASSWORD 'second'");
        await server.ExecuteAsync(Disconnect);
        await using (var other = new PostgresDatabase(options))
        {
            (await Should.ThrowAsync<DatabaseUnavailableException>(other.OpenAsync(Token))).Message
                .ShouldBe("The database 'postgres' at 127.0.0.1 can't be opened: password authentication failed for user \"app\".");
        }

        var run = RunAsync(new PostgresRunStore(database));
        await server.ExecuteAsync("ALTER ROLE app PASSWORD 'first'");
        await run;
    }

    [Fact]
    public async Task A_server_that_has_lost_the_database_to_another_one_stores_nothing_more()
    {
        var connectionString = TestDatabases.Create();
        await using (var first = new PostgresDatabase(new PostgresStorageOptions { ConnectionString = connectionString }))
        {
            await first.OpenAsync(Token);
            Disconnect(connectionString);
            await using var second = new PostgresDatabase(new PostgresStorageOptions { ConnectionString = connectionString });
            await second.OpenAsync(Token);

            (await first.TryHoldLockAsync(Token)).ShouldBeFalse();
            await Should.ThrowAsync<StorageUnavailableException>(new PostgresProbe(first).CheckAsync(Token));
            await new PostgresProbe(second).CheckAsync(Token);
        }

        TestDatabases.Remove(connectionString);
    }

    [Fact]
    public async Task A_lock_of_a_connection_that_is_dead_for_the_server_alone_is_still_the_servers()
    {
        await using var server = await PostgresServer.StartAsync(isDurable: false);
        var options = new PostgresStorageOptions { ConnectionString = server.ConnectionTo("postgres"), LockTimeout = TimeSpan.Zero };
        await using var database = new PostgresDatabase(options);
        await database.OpenAsync(Token);
        var holder = await HolderAsync(options);

        // A process that is stopped answers no more, and PostgreSQL keeps its lock.
        await SignalAsync("STOP", holder);
        (await database.TryHoldLockAsync(Token)).ShouldBeTrue();
        (await HolderAsync(options)).ShouldBe(holder);
        await using var second = new PostgresDatabase(options);
        await Should.ThrowAsync<DatabaseUnavailableException>(second.OpenAsync(Token));

        await SignalAsync("CONT", holder);
        while (await HolderAsync(options) is var current && current == holder)
        {
            (await database.TryHoldLockAsync(Token)).ShouldBeTrue();
            await Task.Delay(50, Token);
        }

        (await database.TryHoldLockAsync(Token)).ShouldBeTrue();
        await new PostgresProbe(database).CheckAsync(Token);
    }

    [Fact]
    public async Task A_database_that_stays_away_is_reported_after_the_timeout()
    {
        await using var server = await PostgresServer.StartAsync(isDurable: false);
        await using var database = new PostgresDatabase(new PostgresStorageOptions
        {
            ConnectionString = server.ConnectionTo("postgres"),
            WriteTimeout = TimeSpan.FromSeconds(1),
            ReadTimeout = TimeSpan.FromSeconds(1),
        });
        await database.OpenAsync(Token);
        await server.StopAsync();

        Task[] calls =
        [
            new PostgresProbe(database).CheckAsync(Token),
            RunAsync(new PostgresRunStore(database)),
            new PostgresThreadStore(database).FindAsync(Alice, ThreadId.New(TimeProvider.System), Token),
        ];
        foreach (var call in calls)
        {
            (await Should.ThrowAsync<StorageUnavailableException>(call)).Fault.ShouldBe(StorageFault.Failing);
        }

        await server.StartAgainAsync();
        await RunAsync(new PostgresRunStore(database));
    }

    /// <summary>Returns the process of PostgreSQL that has the server's lock; 0 if none has it.</summary>
    private static async Task<int> HolderAsync(PostgresStorageOptions options)
    {
        await using var connection = new NpgsqlConnection(options.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted", connection);
        return await command.ExecuteScalarAsync(Token) as int? ?? 0;
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Token);
        kill.ExitCode.ShouldBe(0);
    }

    /// <summary>Ends all connections to a database.</summary>
    private static void Disconnect(string connectionString) => TestDatabases.Execute(
        connectionString,
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        """);

    private static async Task ShouldSurviveAsync(PostgresDatabase database, Func<Task> disturb)
    {
        var runs = new PostgresRunStore(database);
        await RunAsync(runs);
        using var stop = new CancellationTokenSource();
        var ended = new ConcurrentBag<RunId>();
        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                ended.Add(await RunAsync(runs));
            }
        })).ToList();
        for (var i = 0; i < 3; i++)
        {
            await Task.Delay(500, Token);
            await disturb();
        }

        var before = ended.Count;
        await Task.Delay(500, Token);
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        ended.Count.ShouldBeGreaterThan(before);
        foreach (var runId in ended)
        {
            (await runs.FindAsync(Alice, runId, Token)).ShouldNotBeNull().Status.ShouldBe(RunStatus.Success);
        }
    }

    /// <summary>Adds a run with its thread, and ends it.</summary>
    private static async Task<RunId> RunAsync(PostgresRunStore runs)
    {
        var thread = new ThreadRecord { ThreadId = ThreadId.New(TimeProvider.System), Owner = Alice.Id, CreatedAt = Now, UpdatedAt = Now };
        var run = new RunRecord
        {
            RunId = RunId.New(TimeProvider.System),
            ThreadId = thread.ThreadId,
            AssistantId = new AssistantId(Guid.NewGuid()),
            Kwargs = "{}"u8.ToArray(),
            Status = RunStatus.Running,
            Attempt = 1,
            StartOrder = 1,
            CreatedAt = Now,
            UpdatedAt = Now,
        };
        (await runs.CreateAsync(new RunCreation { Actor = Alice, Run = run, NewThread = thread }, Token)).ShouldBe(RunCreated.Created);
        var finish = new RunFinish
        {
            ThreadId = thread.ThreadId,
            RunId = run.RunId,
            Attempt = 1,
            Status = RunStatus.Success,
            Thread = new ThreadOutcome(ThreadStatus.Idle),
            Now = Now.AddSeconds(1),
        };
        (await runs.FinishAsync(finish, Token)).ShouldBeTrue();
        return run.RunId;
    }
}
