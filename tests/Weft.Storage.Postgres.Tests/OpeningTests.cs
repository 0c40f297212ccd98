using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>What keeps a server from opening its database is said in one line. Servers that start at once migrate it once.</summary>
public sealed class OpeningTests : IDisposable
{
    private readonly string _connectionString = TestDatabases.Create(isEmpty: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => TestDatabases.Remove(_connectionString);

    [Fact]
    public async Task A_server_that_can_not_be_reached_is_named()
    {
        await ShouldFailAsync(With(builder => builder.Host = "/nowhere"), "at /nowhere can't be opened: Failed to connect to /nowhere");
        await ShouldFailAsync(With(builder => (builder.Host, builder.Port) = ("127.0.0.1", 1)), "Connection refused");
    }

    [Fact]
    public async Task A_database_or_a_role_that_does_not_exist_is_named()
    {
        await ShouldFailAsync(With(builder => builder.Database = "nothing"), "can't be opened: database \"nothing\" does not exist.");
        await ShouldFailAsync(With(builder => builder.Username = "nobody_here"), "role \"nobody_here\" does not exist.");
    }

    [Fact]
    public async Task Missing_rights_are_named()
    {
        var role = $"weak_{new NpgsqlConnectionStringBuilder(_connectionString).Database}";
        TestDatabases.Execute(_connectionString, $"CREATE ROLE {role} LOGIN");

        await ShouldFailAsync(With(builder => builder.Username = role), "can't be opened: permission denied for database");
        await OpenAsync(Options());
        await ShouldFailAsync(With(builder => builder.Username = role), "can't be opened: permission denied for schema weft.");
        TestDatabases.Execute(
            _connectionString, $"GRANT USAGE ON SCHEMA weft TO {role}", $"GRANT ALL ON ALL TABLES IN SCHEMA weft TO {role}");

        // A role that may change the data is enough when the schema is up to date.
        await OpenAsync(With(builder => builder.Username = role));
        TestDatabases.Execute(_connectionString, $"DROP OWNED BY {role}", $"DROP ROLE {role}");
    }

    [Fact]
    public async Task A_read_only_database_is_refused()
    {
        var name = new NpgsqlConnectionStringBuilder(_connectionString).Database;
        TestDatabases.Execute(_connectionString, $"ALTER DATABASE {name} SET default_transaction_read_only = on");

        await ShouldFailAsync(Options(), "can't be written to: it is a standby, or it is read-only.");
    }

    [Fact]
    public async Task A_schema_of_a_newer_version_is_refused_unless_that_allows_this_version()
    {
        await OpenAsync(Options());
        TestDatabases.Execute(_connectionString, "INSERT INTO weft.schema_version (version, oldest, applied_at) VALUES (99, 1, 0)");
        await OpenAsync(Options());
        TestDatabases.Execute(_connectionString, "UPDATE weft.schema_version SET oldest = 99 WHERE version = 99");

        await ShouldFailAsync(Options(), "has version 99, but this version of Weft knows only up to");
    }

    [Fact]
    public async Task An_older_schema_is_refused_if_migrations_are_not_allowed()
    {
        var options = Options();
        options.ApplyMigrations = false;

        await ShouldFailAsync(options, "has version 0, but this version of Weft needs");
    }

    [Fact]
    public async Task A_schema_with_data_of_others_is_refused()
    {
        TestDatabases.Execute(_connectionString, "CREATE SCHEMA weft", "CREATE TABLE weft.other (number int)");

        await ShouldFailAsync(Options(), "contains data that is not Weft's. Set another Schema.");
    }

    [Fact]
    public async Task A_transaction_of_another_program_delays_a_migration()
    {
        TestDatabases.Execute(_connectionString, "CREATE SCHEMA weft");
        await using var other = new NpgsqlConnection(_connectionString + ";Pooling=false");
        await other.OpenAsync(Token);
        await using var transaction = await other.BeginTransactionAsync(Token);
        await using var command = new NpgsqlCommand(
            "SELECT pg_advisory_xact_lock(hashtextextended('weft:migration:' || current_database(), 0))", other);
        await command.ExecuteNonQueryAsync(Token);

        var opening = OpenAsync(Options());
        await Task.Delay(300, Token);
        opening.IsCompleted.ShouldBeFalse();
        await transaction.CommitAsync(Token);
        await opening;
    }

    [Fact]
    public async Task Servers_that_start_at_once_apply_each_script_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(MigrateAsync, Token)));

        await OpenAsync(Options());
    }

    [Fact]
    public async Task An_index_is_created_while_others_write_and_again_after_a_crash_and_by_one_server()
    {
        const string IsValid = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('weft.runs_timelines')";
        await OpenAsync(Options());
        TestDatabases.Execute(
            _connectionString,
            "DROP INDEX weft.runs_timelines",
            "DELETE FROM weft.schema_version WHERE version = (SELECT max(version) FROM weft.schema_version)");
        await using var other = new NpgsqlConnection(_connectionString + ";Pooling=false");
        await other.OpenAsync(Token);

        // The creation waits for a transaction that began before it, and does not end.
        await using (var transaction = await other.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Token))
        {
            await using var read = new NpgsqlCommand("SELECT count(*) FROM weft.runs", other);
            await read.ExecuteScalarAsync(Token);
            var log = new LogLines();
            var crashed = MigrateAsync(log);
            while (await QueryAsync(IsValid) is null)
            {
                crashed.IsCompleted.ShouldBeFalse();
                await Task.Delay(20, Token);
            }

            log.Texts.ShouldHaveSingleItem().ShouldStartWith("The server waits for the index runs_timelines, which PostgreSQL creates");
            TestDatabases.Execute(_connectionString, "SET lock_timeout = '5s'", "UPDATE weft.runs SET updated_at = 1 WHERE run_key = 0");
            var waiting = MigrateAsync(log);
            while (!log.Texts.Contains("The server waits for the index runs_timelines, which another server creates."))
            {
                waiting.IsCompleted.ShouldBeFalse();
                await Task.Delay(20, Token);
            }

            await QueryAsync(
                "SELECT pg_terminate_backend(pid, 9000) FROM pg_stat_activity WHERE query LIKE '%INDEX CONC%' AND pid <> pg_backend_pid()");
            await Should.ThrowAsync<NpgsqlException>(crashed);
            waiting.IsCompleted.ShouldBeFalse();
            (await QueryAsync(IsValid)).ShouldBe(false);
            await transaction.CommitAsync(Token);
            await waiting;
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(MigrateAsync, Token)));
        (await QueryAsync(IsValid)).ShouldBe(true);
        (await QueryAsync("SELECT count(*) = max(version) FROM weft.schema_version")).ShouldBe(true);
    }

    [Fact]
    public async Task A_conflict_after_the_creation_of_an_index_leaves_no_lock()
    {
        await OpenAsync(Options());
        TestDatabases.Execute(
            _connectionString,
            "DELETE FROM weft.schema_version WHERE version = (SELECT max(version) FROM weft.schema_version)",
            "CREATE SEQUENCE public.tries",
            """
            CREATE FUNCTION public.conflict_once() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('public.tries') = 1 THEN
                    RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01';
                END IF;
                RETURN NEW;
            END $$
            """,
            "CREATE TRIGGER conflict BEFORE INSERT ON weft.schema_version FOR EACH ROW EXECUTE FUNCTION public.conflict_once()");
        await using var connection = new NpgsqlConnection(_connectionString + ";Pooling=false");
        await connection.OpenAsync(Token);

        await MigrateAsync(connection, new LogLines());

        (await QueryAsync("SELECT last_value FROM public.tries")).ShouldBe(2L);
        (await QueryAsync($"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = {connection.ProcessID}")).ShouldBe(0L);
    }

    private Task MigrateAsync() => MigrateAsync(new LogLines());

    private async Task MigrateAsync(LogLines log)
    {
        await using var connection = new NpgsqlConnection(_connectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await MigrateAsync(connection, log);
    }

    private async Task MigrateAsync(NpgsqlConnection connection, LogLines log)
    {
        var options = Options();
        await new Migrator(connection, options, new SchemaTexts(options.Schema), "test", TimeProvider.System, log).MigrateAsync(Token);
    }

    private async Task<object?> QueryAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_connectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Token);
    }

    [Theory]
    [InlineData("", "must not be empty")]
    [InlineData("Database=weft", "must name a Host")]
    [InlineData("Host=x;Nonsense=secret", "is not a connection string of Npgsql")]
    [InlineData("Host=x;Port=many", "is not a connection string of Npgsql")]
    public void A_connection_string_that_is_wrong_is_refused(string connectionString, string reason)
    {
        var options = new PostgresStorageOptions { ConnectionString = connectionString };
        var result = new PostgresStorageOptionsValidation().Validate(null, options);

        result.Failed.ShouldBeTrue();
        result.FailureMessage.ShouldContain($"PostgresStorageOptions.ConnectionString {reason}");
        result.FailureMessage.ShouldNotContain("\n");
        result.FailureMessage.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("Weft")]
    [InlineData("a.b")]
    [InlineData("1a")]
    [InlineData("pg_weft")]
    [InlineData("weft;--")]
    [InlineData("")]
    public void A_schema_that_is_not_a_plain_name_is_refused(string schema) => new PostgresStorageOptionsValidation()
        .Validate(null, new PostgresStorageOptions { ConnectionString = "Host=x", Schema = schema }).FailureMessage!
        .ShouldContain("PostgresStorageOptions.Schema must be a name");

    private static async Task OpenAsync(PostgresStorageOptions options)
    {
        await using var database = new PostgresDatabase(options);
        await database.OpenAsync(Token);
    }

    private static async Task ShouldFailAsync(PostgresStorageOptions options, string reason)
    {
        var message = (await Should.ThrowAsync<DatabaseUnavailableException>(OpenAsync(options))).Message;
        message.ShouldContain(reason);
        message.ShouldNotContain("\n");
    }

    private PostgresStorageOptions Options() => new() { ConnectionString = _connectionString, LockTimeout = TimeSpan.FromSeconds(5) };

    private PostgresStorageOptions With(Action<NpgsqlConnectionStringBuilder> change)
    {
        var builder = new NpgsqlConnectionStringBuilder(_connectionString);
        change(builder);
        var options = Options();
        options.ConnectionString = builder.ConnectionString;
        return options;
    }

    private sealed class LogLines : ILogger
    {
        public ConcurrentQueue<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Texts.Enqueue(formatter(state, exception));
    }
}
