using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Weft.Runs;
using Weft.Storage.Sqlite;

namespace Weft.Storage.Tests;

/// <summary>What a full disk, or another process that holds the file, does to callers and to the log.</summary>
public sealed class StorageFaultTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-sqlite-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_folder, "weft.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_full_disk_is_reported_to_each_caller_and_once_to_the_log()
    {
        var log = new LogLines();
        await using var database = Open(log);
        await database.WriteAsync(connection => Script(connection, "CREATE TABLE filler (bytes BLOB); PRAGMA max_page_count = 1"), Token);

        for (var i = 0; i < 3; i++)
        {
            var full = await Should.ThrowAsync<StorageUnavailableException>(
                database.WriteAsync(connection => Script(connection, "INSERT INTO filler VALUES (zeroblob(100000))"), Token));
            (full.Fault, full.IsTransient).ShouldBe((StorageFault.Full, true));
            full.Message.ShouldBe("The disk is full; nothing can be stored.");
        }

        log.Lines.ShouldHaveSingleItem().ShouldStartWith("Error: The disk is full; nothing can be stored.");
        await database.WriteAsync(connection => Script(connection, "PRAGMA max_page_count = 1000000"), Token);
        await database.WriteAsync(connection => Script(connection, "INSERT INTO filler VALUES (zeroblob(100000))"), Token);
        log.Lines.Count.ShouldBe(2);
        log.Lines[1].ShouldBe("Information: The database can be written again, after 3 failures.");
    }

    [Fact]
    public async Task A_file_that_another_process_holds_is_busy_for_writers_only_and_a_server_starts_on_it()
    {
        await Open(new LogLines()).DisposeAsync();
        using var other = new SqliteConnection($"Data Source={File};Pooling=False");
        other.Open();
        using var command = other.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();

        await using var database = Open(new LogLines());
        var probe = new SqliteProbe(database);

        (await Should.ThrowAsync<StorageUnavailableException>(probe.CheckAsync(Token))).Fault.ShouldBe(StorageFault.Busy);
        (await new SqliteRunStore(database).ListUnfinishedThreadsAsync(null, 9, Token)).ShouldBeEmpty();
        command.CommandText = "ROLLBACK";
        command.ExecuteNonQuery();
        await probe.CheckAsync(Token);
    }

    [Fact]
    public async Task A_refused_statement_is_no_fault_of_storage()
    {
        var log = new LogLines();
        await using var database = Open(log);

        await Should.ThrowAsync<SqliteException>(
            database.WriteAsync(connection => Script(connection, "INSERT INTO schema_version (version) VALUES (1)"), Token));

        log.Lines.ShouldBeEmpty();
    }

    private static bool Script(StoreConnection connection, string sql)
    {
        connection.ExecuteScript(sql);
        return true;
    }

    private SqliteDatabase Open(LogLines log) =>
        SqliteDatabase.Open(new SqliteStorageOptions { Path = File, BusyTimeout = TimeSpan.FromMilliseconds(20) }, log);

    private sealed class LogLines : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
