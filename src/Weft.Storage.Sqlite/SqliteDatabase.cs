using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>A database file that one server uses, with one writer and any number of readers.</summary>
/// <remarks><see cref="Open()"/> opens the file, or else its first use does.</remarks>
/// <param name="options">Where the file is, and how it is used.</param>
/// <param name="logger">Logs when the file can't be used, and when it is migrated.</param>
/// <param name="metrics">Measures commits.</param>
/// <param name="isShared">
/// Whether a server may use the file at the same time. Such a program executes no runs, so it does not need the lock, except to
/// migrate the file.
/// </param>
/// <param name="scans">The threads for long reads; null if the program has none.</param>
internal sealed class SqliteDatabase(
    SqliteStorageOptions options,
    ILogger? logger = null,
    StorageMetrics? metrics = null,
    bool isShared = false,
    ScanThreads? scans = null) : IAsyncDisposable
{
    // Logging providers run on the writer's loop, which must not stop if one of them throws.
    private readonly SafeLogger _logger = new(logger ?? NullLogger.Instance);

    // Protects the two fields below while the file is opened or closed.
    private readonly Lock _opening = new();
    private volatile OpenFile? _file;
    private bool _isDisposed;

    /// <summary>The path of the file.</summary>
    public string FilePath => options.Path;

    /// <summary>Opens the file, which is created if it is missing, and migrates it to this version's schema.</summary>
    /// <exception cref="DatabaseUnavailableException">
    /// The file can't be opened, is not a database of this version, or is used by another server.
    /// </exception>
    public static SqliteDatabase Open(SqliteStorageOptions options, ILogger? logger = null, StorageMetrics? metrics = null)
    {
        var database = new SqliteDatabase(options, logger, metrics);
        database.Open();
        return database;
    }

    /// <summary>Opens the file unless it is open.</summary>
    /// <exception cref="DatabaseUnavailableException">
    /// As for <see cref="Open(SqliteStorageOptions, ILogger, StorageMetrics)"/>.
    /// </exception>
    public void Open() => _ = Opened();

    /// <summary>
    /// Checks that no other server uses the file. Returns false if one does; from then on nothing is written.
    /// </summary>
    public bool TryHoldLock()
    {
        var file = Opened();
        if (file.Held?.TryHold() ?? true)
        {
            return true;
        }

        file.Writer.Refuse(new StorageUnavailableException(StorageFault.Busy));
        return false;
    }

    /// <inheritdoc cref="SqliteWriter.WriteAsync(Func{StoreConnection, Exception}, CancellationToken)"/>
    public Task WriteAsync(Func<StoreConnection, Exception?> work, CancellationToken cancellationToken) =>
        (_file ?? Opened()).Writer.WriteAsync(work, cancellationToken);

    /// <inheritdoc cref="SqliteWriter.WriteAsync{T}"/>
    public Task<T> WriteAsync<T>(Func<StoreConnection, T> work, CancellationToken cancellationToken) =>
        (_file ?? Opened()).Writer.WriteAsync(work, cancellationToken);

    /// <inheritdoc cref="SqliteReaders.ReadAsync"/>
    public Task<T> ReadAsync<T>(Func<StoreConnection, T> read, CancellationToken cancellationToken) =>
        (_file ?? Opened()).Readers.ReadAsync(read, cancellationToken);

    /// <summary>
    /// Reads on the caller's thread or, if the read examines more rows than <see cref="ReadBudget.RowsAtOnce"/>, again on a thread
    /// for long reads.
    /// </summary>
    /// <exception cref="WeftException">Too many long reads wait.</exception>
    public async Task<T> ReadOrScanAsync<T>(Func<StoreConnection, ReadBudget, T> read, CancellationToken cancellationToken)
    {
        try
        {
            var budget = new ReadBudget(ReadBudget.RowsAtOnce, cancellationToken);
            return await ReadAsync(connection => read(connection, budget), cancellationToken);
        }
        catch (ReadBudgetSpentException)
        {
            var budget = new ReadBudget(null, cancellationToken);
            Task<T> ScanAsync() => ReadAsync(connection => read(connection, budget), cancellationToken);
            return await (scans?.RunAsync(ScanAsync, cancellationToken) ?? ScanAsync());
        }
    }

    /// <summary>Commits the queued changes, moves the log into the file and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        OpenFile? file;
        lock (_opening)
        {
            _isDisposed = true;
            file = _file;
        }

        if (file is not null)
        {
            file.Readers.Dispose();
            await file.Writer.DisposeAsync();
            file.Held?.Dispose();
        }
    }

    private OpenFile Opened()
    {
        lock (_opening)
        {
            ObjectDisposedException.ThrowIf(_isDisposed && _file is null, typeof(SqliteDatabase));
            return _file ??= OpenFile.Open(options, _logger, metrics, isShared);
        }
    }

    private sealed record OpenFile(DatabaseLock? Held, SqliteReaders Readers, SqliteWriter Writer)
    {
        public static OpenFile Open(SqliteStorageOptions options, ILogger logger, StorageMetrics? metrics, bool isShared)
        {
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
                if (!isShared || !Migrator.IsUsable(connection))
                {
                    held = Take(options.Path, isNew, isShared);
                    Migrator.Migrate(connection, options, logger);
                    SqliteSpace.Prepare(connection, options);
                }

                if (isShared)
                {
                    held?.Dispose();
                    held = null;
                }

                return new OpenFile(
                    held,
                    new SqliteReaders(options, new StorageHealth(logger, metrics, StorageFaults.Translate)),
                    new SqliteWriter(connection, new StorageHealth(logger, metrics, StorageFaults.Translate), metrics, options.QueuedWritesMax));
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

        private static DatabaseLock Take(string path, bool isNew, bool isShared)
        {
            try
            {
                return DatabaseLock.Take(path, isNew);
            }
            catch (DatabaseUnavailableException e) when (isShared)
            {
                throw new DatabaseUnavailableException(
                    $"A server uses the database '{path}' with the schema of another version of Weft. Use the program of that version.", e);
            }
        }
    }
}
