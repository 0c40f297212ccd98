using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>A PostgreSQL database, with a few writers and any number of readers.</summary>
/// <remarks><see cref="OpenAsync"/> opens the database, or else its first use does.</remarks>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly PostgresStorageOptions _options;
    private readonly TimeProvider _time;
    private readonly DatabaseUse _use;
    private readonly ServerIdentity? _server;
    private readonly SharedClock? _clock;
    private readonly SafeLogger _logger;
    private readonly StorageHealth _health;
    private readonly WriteCommits _commits;
    private readonly PostgresWriter[] _writers;
    private readonly PostgresReader _reader;

    // Protects the two fields below.
    private readonly Lock _opening = new();
    private Task<OpenDatabase>? _open;
    private bool _isDisposed;

    private volatile Exception? _refusal;

    /// <param name="options">Where the database is, and how it is used.</param>
    /// <param name="logger">Logs when the database can't be used, and why its migration may take long.</param>
    /// <param name="metrics">Measures commits.</param>
    /// <param name="time">Measures the time of repetitions.</param>
    /// <param name="use">How the program uses the database.</param>
    /// <param name="server">The identity of the server; null if it is alone.</param>
    /// <param name="clock">Follows the clock of the database; null if none does.</param>
    public PostgresDatabase(
        PostgresStorageOptions options,
        ILogger? logger = null,
        StorageMetrics? metrics = null,
        TimeProvider? time = null,
        DatabaseUse use = DatabaseUse.Alone,
        ServerIdentity? server = null,
        SharedClock? clock = null)
    {
        _options = options;
        _time = time ?? TimeProvider.System;
        _use = use;
        _server = server;
        _clock = clock;
        if (clock is not null)
        {
            metrics?.Observe(clock);
        }

        _logger = new SafeLogger(logger ?? NullLogger.Instance);
        _health = new StorageHealth(_logger, metrics, StorageFaults.Translate);
        _commits = new WriteCommits(OpenedAsync, options, server, _health, metrics, _time);
        _writers = [.. Enumerable.Range(0, options.WriterCount).Select(_ => new PostgresWriter(_commits, options))];
        _reader = new PostgresReader(OpenedAsync, options, server, _health, _time);
    }

    /// <summary>Whether other servers may use the database at the same time.</summary>
    public bool IsOfCluster => _use == DatabaseUse.Cluster;

    /// <summary>Opens the database unless it is open, and migrates it to this version's schema.</summary>
    /// <exception cref="DatabaseUnavailableException">The database can't be used. The message is one line.</exception>
    public Task OpenAsync(CancellationToken cancellationToken) => OpenedAsync().WaitAsync(cancellationToken);

    /// <summary>
    /// Checks that no server uses the database except this one and those of its cluster. Returns false if one does; from then on
    /// nothing is written.
    /// </summary>
    public async Task<bool> TryHoldLockAsync(CancellationToken cancellationToken)
    {
        var open = await OpenedAsync();
        if (open.Held is null || await open.Held.TryHoldAsync(_clock, cancellationToken))
        {
            return true;
        }

        _refusal = new StorageUnavailableException(StorageFault.Busy);
        return false;
    }

    /// <summary>
    /// Commits a change in a transaction of its own. The changes of a thread are committed in the order of the calls, whether or not
    /// the callers await them. <paramref name="work"/> may run more than once and must change nothing except the database, because
    /// it is repeated after a lost connection or a deadlock.
    /// </summary>
    public Task<T> WriteAsync<T>(ThreadId threadId, Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        var write = new LoneWrite<T>(threadId, work);
        return QueueAsync(write, write.Committed, cancellationToken);
    }

    /// <summary>Commits a change that belongs to no thread, in a transaction of its own. Such changes have no order.</summary>
    public async Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfRefused();
        var write = new LoneWrite<T>(default, work);
        await _commits.CommitAsync(write);
        return await write.Committed;
    }

    /// <summary>Commits a row together with others, in the order of the calls of its thread.</summary>
    public Task<TResult> WriteAsync<TRow, TResult>(
        ThreadId threadId, GroupedWrite<TRow, TResult> write, TRow row, CancellationToken cancellationToken)
    {
        var operation = new RowWrite<TRow, TResult>(threadId, write, row);
        return QueueAsync(operation, operation.Committed, cancellationToken);
    }

    /// <summary>
    /// Reads with one statement, or with several that need no common snapshot. <paramref name="read"/> may run more than once.
    /// </summary>
    public Task<T> ReadAsync<T>(Func<Session, Task<T>> read, CancellationToken cancellationToken) =>
        _reader.ReadAsync(read, isSnapshot: false, cancellationToken);

    /// <summary>Reads, after the writes of a thread that are queued now. <paramref name="read"/> may run more than once.</summary>
    public async Task<T> ReadAfterWritesAsync<T>(ThreadId threadId, Func<Session, Task<T>> read, CancellationToken cancellationToken)
    {
        await WriterOf(threadId).AfterWritesAsync(threadId, cancellationToken);
        return await ReadAsync(read, cancellationToken);
    }

    /// <summary>
    /// Reads with statements that see the same state of the data. <paramref name="read"/> may run more than once.
    /// </summary>
    public Task<T> ReadSnapshotAsync<T>(Func<Session, Task<T>> read, CancellationToken cancellationToken) =>
        _reader.ReadAsync(read, isSnapshot: true, cancellationToken);

    /// <summary>
    /// Reads what may be many rows, as <see cref="ReadSnapshotAsync"/> does. Only so many searches use connections at once that others
    /// are left for reads of a few rows.
    /// </summary>
    public Task<T> SearchAsync<T>(Func<Session, Task<T>> read, CancellationToken cancellationToken) =>
        _reader.SearchAsync(read, cancellationToken);

    /// <summary>
    /// Returns a connection that has the lock of this name until it is closed; null if another server has it. It does not wait.
    /// </summary>
    public async Task<NpgsqlConnection?> TryLockAsync(string name, CancellationToken cancellationToken)
    {
        var database = await OpenedAsync().WaitAsync(cancellationToken);
        return await DatabaseLock.TryOpenAsync(
            database.Sources.Direct, $"weft:{_options.Schema}:{name}", isShared: false, cancellationToken);
    }

    /// <summary>
    /// Executes a statement of the membership of a cluster, on connections that the data does not use. A failure is not repeated.
    /// </summary>
    public async Task<T> CoordinateAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        var database = await OpenedAsync().WaitAsync(cancellationToken);
        await using var connection = await database.Sources.Membership.OpenConnectionAsync(cancellationToken);
        return await work(new Session(connection, database.Texts, _server?.Key, cancellationToken));
    }

    /// <summary>Commits the queued changes, then closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        // Queued writes may be the first use.
        foreach (var writer in _writers)
        {
            await writer.DisposeAsync();
        }

        Task<OpenDatabase>? open;
        lock (_opening)
        {
            _isDisposed = true;
            open = _open;
        }

        if (open is not null && await Task.WhenAny(open) is { IsCompletedSuccessfully: true })
        {
            await (await open).DisposeAsync();
        }

        _commits.Dispose();
        _reader.Dispose();
    }

    private Task<T> QueueAsync<T>(WriteOperation write, Task<T> committed, CancellationToken cancellationToken)
    {
        if (_refusal is { } refusal)
        {
            return Task.FromException<T>(refusal);
        }

        var queued = WriterOf(write.ThreadId).QueueAsync(write, cancellationToken);
        return queued.IsCompletedSuccessfully ? committed : AfterQueuedAsync(queued, committed);
    }

    private static async Task<T> AfterQueuedAsync<T>(ValueTask queued, Task<T> committed)
    {
        try
        {
            await queued;
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(PostgresDatabase), "The database is closed.");
        }

        return await committed;
    }

    private PostgresWriter WriterOf(ThreadId threadId) =>
        _writers[(uint)threadId.GetHashCode() % _writers.Length];

    private void ThrowIfRefused()
    {
        if (_refusal is { } refusal)
        {
            throw refusal;
        }
    }

    private Task<OpenDatabase> OpenedAsync()
    {
        lock (_opening)
        {
            if (_open is null or { IsFaulted: true } or { IsCanceled: true })
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                _open = Task.Run(() => OpenDatabase.OpenAsync(
                    _options, _use, _time, CancellationToken.None, clock: _clock, logger: _logger));
            }

            return _open;
        }
    }
}
