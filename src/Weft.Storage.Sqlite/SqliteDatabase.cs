using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>An open database file, which no other server opens: one writer, any number of readers.</summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private readonly DatabaseLock _lock;
    private readonly SqliteReaders _readers;
    private readonly SqliteWriter _writer;

    private SqliteDatabase(DatabaseLock held, SqliteReaders readers, SqliteWriter writer)
    {
        _lock = held;
        _readers = readers;
        _writer = writer;
    }

    /// <summary>Opens the file, which is made when absent, and brings it to this version's schema.</summary>
    /// <exception cref="DatabaseUnavailableException">The file can't be opened, is not one of this version's databases, or another server uses it.</exception>
    public static SqliteDatabase Open(SqliteStorageOptions options, ILogger? logger = null, StorageMetrics? metrics = null)
    {
        logger ??= NullLogger.Instance;
        StoreConnection? connection = null;
        DatabaseLock? held = null;
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(options.Path)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            var isNew = !File.Exists(options.Path);
            connection = StoreConnection.OpenWriter(options);
            held = DatabaseLock.Take(options.Path, isNew);
            Migrator.Migrate(connection, options);
            SqliteSpace.Prepare(connection, options);
            var writer = new SqliteWriter(connection, new StorageHealth(logger, metrics), metrics, options.QueuedWritesMax);
            return new SqliteDatabase(held, new SqliteReaders(options, new StorageHealth(logger, metrics)), writer);
        }
        catch (Exception e)
        {
            connection?.Dispose();
            held?.Dispose();
            if (e is SqliteException or IOException or UnauthorizedAccessException or NotSupportedException)
            {
                throw new DatabaseUnavailableException($"The database '{options.Path}' can't be opened: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>Sees to it that no other server uses the file. When one does all the same, false: nothing is written any more.</summary>
    public bool TryHoldLock()
    {
        if (_lock.TryHold())
        {
            return true;
        }

        _writer.Refuse(new StorageUnavailableException(StorageFault.Busy));
        return false;
    }

    /// <inheritdoc cref="SqliteWriter.WriteAsync"/>
    public Task<T> WriteAsync<T>(Func<StoreConnection, T> work, CancellationToken cancellationToken) => _writer.WriteAsync(work, cancellationToken);

    /// <inheritdoc cref="SqliteReaders.ReadAsync"/>
    public Task<T> ReadAsync<T>(Func<StoreConnection, T> read, CancellationToken cancellationToken) => _readers.ReadAsync(read, cancellationToken);

    /// <summary>Commits what waits, moves the log into the file and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        _readers.Dispose();
        await _writer.DisposeAsync();
        _lock.Dispose();
    }
}
