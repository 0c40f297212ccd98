using System.Threading.Channels;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>
/// The only writer of the database. Changes that wait while a transaction commits share the next transaction. A commit
/// costs as much as several statements, so under load most of that cost is shared. A change that comes alone does not
/// wait.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int BatchMax = 256;

    private readonly StoreConnection _connection;
    private readonly StorageHealth _health;
    private readonly StorageMetrics? _metrics;

    // Any caller writes, the loop reads. If the queue is full, callers wait in the order in which they came.
    private readonly Channel<WriteOperation> _queue;
    private readonly Task _loop;
    private volatile Exception? _refusal;

    /// <summary>Starts the writer, which owns the connection from now on.</summary>
    public SqliteWriter(StoreConnection connection, StorageHealth health, StorageMetrics? metrics, int queuedWritesMax)
    {
        _connection = connection;
        _health = health;
        _metrics = metrics;
        _queue = Channel.CreateBounded<WriteOperation>(new BoundedChannelOptions(queuedWritesMax) { SingleReader = true });
        _loop = Task.Run(RunAsync);
    }

    /// <summary>
    /// As <see cref="WriteAsync{T}"/>, for a change that may be refused: then <paramref name="work"/> changes nothing and returns the
    /// exception that the caller gets, else null.
    /// </summary>
    public Task WriteAsync(Func<StoreConnection, Exception?> work, CancellationToken cancellationToken) =>
        EnqueueAsync(new WriteOperation<Exception?>(work) { Refuses = true }, cancellationToken);

    /// <summary>
    /// Commits a change. Changes are committed in the order of the calls, whether or not the callers await them.
    /// <paramref name="work"/> may run more than once and must change nothing except the database.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<StoreConnection, T> work, CancellationToken cancellationToken) =>
        EnqueueAsync(new WriteOperation<T>(work), cancellationToken);

    private Task<T> EnqueueAsync<T>(WriteOperation<T> operation, CancellationToken cancellationToken)
    {
        if (_refusal is { } refusal)
        {
            return Task.FromException<T>(refusal);
        }

        var queued = _queue.Writer.WriteAsync(operation, cancellationToken);
        return queued.IsCompletedSuccessfully ? operation.Committed : AfterQueued(queued, operation);
    }

    /// <summary>Refuses all further changes.</summary>
    public void Refuse(Exception refusal) => _refusal = refusal;

    /// <summary>Commits the queued changes, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_queue.Writer.TryComplete())
        {
            await _loop;
            _connection.Dispose();
        }
    }

    private static async Task<T> AfterQueued<T>(ValueTask queued, WriteOperation<T> operation)
    {
        try
        {
            await queued;
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteDatabase), "The database is closed.");
        }

        return await operation.Committed;
    }

    private async Task RunAsync()
    {
        var batch = new List<WriteOperation>(BatchMax);
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < BatchMax && _queue.Reader.TryRead(out var operation))
            {
                batch.Add(operation);
            }

            CommitTogether(batch);
            batch.Clear();
        }
    }

    private void CommitTogether(List<WriteOperation> batch)
    {
        var start = _metrics?.CommitStarted() ?? 0;
        try
        {
            _connection.Begin();
            foreach (var operation in batch)
            {
                operation.Apply(_connection);
            }

            _connection.Commit();
        }
        catch (Exception e)
        {
            CommitApart(batch, e);
            return;
        }

        _metrics?.CommitFinished(start, batch.Count);
        _health.Succeeded();
        foreach (var operation in batch)
        {
            operation.Complete();
        }
    }

    /// <summary>
    /// Commits each change separately after a failure, so that only the caller whose change fails gets the exception.
    /// </summary>
    private void CommitApart(List<WriteOperation> batch, Exception exception)
    {
        // If no transaction is open, nothing can be stored: another process is writing, or the disk is full.
        var isOneAtFault = _connection.IsInTransaction && batch.Count > 1;
        if (!_connection.TryRollback(out var rollbackException))
        {
            exception = new AggregateException(exception, rollbackException);
        }

        var failure = isOneAtFault ? null : _health.Failed(exception);
        foreach (var operation in batch)
        {
            if (failure is null)
            {
                CommitTogether([operation]);
            }
            else
            {
                operation.Fail(failure);
            }
        }
    }
}
