using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Weft.Storage.Sqlite;

/// <summary>
/// A connection with the statements that were prepared on it. Used by one caller at a time, on any thread.
/// </summary>
internal sealed class StoreConnection : IDisposable
{
    // SQLITE_DBCONFIG_ENABLE_QPSG, which the library has no name for.
    internal const int PlanStability = 1007;

    private readonly sqlite3 _database;

    // The texts are constants, so their references identify them. Hashing a text would cost as much as reading a
    // column.
    private readonly Dictionary<string, Statement> _statements = new(ReferenceEqualityComparer.Instance);

    private StoreConnection(sqlite3 database) => _database = database;

    /// <summary>The key of the row that was inserted last.</summary>
    public long LastKey => raw.sqlite3_last_insert_rowid(_database);

    public bool IsInTransaction => raw.sqlite3_get_autocommit(_database) == 0;

    /// <summary>Opens the file for writing, and creates it if it is missing.</summary>
    /// <remarks>
    /// Whether free pages can be returned is decided when the file is created. The log is moved into the file every 16
    /// MB. That waits for the disk and writes each changed page once, however often the log contains it. SQLite's
    /// default is four times as often, and a run's turn then costs a fifth more.
    /// </remarks>
    public static StoreConnection OpenWriter(SqliteStorageOptions options) => Open(
        options,
        raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE,
        $"""
        {(new FileInfo(options.Path) is { Exists: true, Length: > 0 } ? "" : "PRAGMA auto_vacuum = INCREMENTAL;")}
        PRAGMA synchronous = {(options.Synchronous == SqliteSynchronous.Full ? "FULL" : "NORMAL")};
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -16384;
        PRAGMA wal_autocheckpoint = 4000;
        PRAGMA journal_size_limit = 33554432;
        """);

    /// <summary>Opens an existing file for reading.</summary>
    public static StoreConnection OpenReader(SqliteStorageOptions options) => Open(
        options,
        raw.SQLITE_OPEN_READONLY,
        """
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -8192;
        """);

    /// <summary>Returns the statement of a constant text, ready for its first parameter.</summary>
    public Statement Use(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            _statements[sql] = statement = new Statement(_database, sql);
        }

        return statement.Ready();
    }

    /// <summary>Runs statements that are used once.</summary>
    public void ExecuteScript(string sql) => SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(_database, sql), _database);

    /// <summary>Begins a transaction that may write. No other connection can write until it ends.</summary>
    public void Begin() => Use("BEGIN IMMEDIATE").Execute();

    /// <summary>Begins a transaction that only reads. All its reads see the same state of the data.</summary>
    public void BeginRead() => Use("BEGIN").Execute();

    public void Commit() => Use("COMMIT").Execute();

    /// <summary>
    /// Rolls back the transaction, if one is open. Some failures, such as a full disk, have rolled it back already.
    /// </summary>
    public bool TryRollback([NotNullWhen(false)] out Exception? exception)
    {
        exception = null;
        try
        {
            if (IsInTransaction)
            {
                Use("ROLLBACK").Execute();
            }
        }
        catch (SqliteException e)
        {
            exception = e;
        }

        return exception is null;
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _database.Dispose();
    }

    private static StoreConnection Open(SqliteStorageOptions options, int flags, string settings)
    {
        Batteries_V2.Init();

        // A connection has one caller at a time, so it does not need SQLite's mutexes.
        var result = raw.sqlite3_open_v2(options.Path, out var database, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        try
        {
            SqliteException.ThrowExceptionForRC(result, database);
            SqliteException.ThrowExceptionForRC(raw.sqlite3_busy_timeout(database, (int)options.BusyTimeout.TotalMilliseconds), database);
            // The plan of a statement does not depend on its values. Otherwise SQLite prepares a statement with a bound LIMIT again at
            // each execution, which takes several times as long as the rest of it.
            SqliteException.ThrowExceptionForRC(raw.sqlite3_db_config(database, PlanStability, 1, out _), database);
            KeySetFunction.AddTo(database);
            var connection = new StoreConnection(database);
            connection.ExecuteScript(settings);
            return connection;
        }
        catch
        {
            database?.Dispose();
            throw;
        }
    }
}
