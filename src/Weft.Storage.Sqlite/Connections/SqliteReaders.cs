namespace Weft.Storage.Sqlite;

/// <summary>
/// Reads on the caller's thread, because a read takes microseconds, less than a switch to another thread.
/// </summary>
/// <remarks>
/// Each read sees the changes that were committed before it began. Readers and the writer do not wait for each other.
/// </remarks>
internal sealed class SqliteReaders(SqliteStorageOptions options, StorageHealth health) : IDisposable
{
    private static readonly int IdleMax = Environment.ProcessorCount * 2;

    // Protects the two fields below.
    private readonly Lock _lock = new();
    private readonly Stack<StoreConnection> _idle = new();
    private bool _isClosed;

    public Task<T> ReadAsync<T>(Func<StoreConnection, T> read, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        try
        {
            return Task.FromResult(Read(read));
        }
        catch (Exception e)
        {
            return Task.FromException<T>(health.Failed(e));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            while (_idle.TryPop(out var connection))
            {
                connection.Dispose();
            }
        }
    }

    private T Read<T>(Func<StoreConnection, T> read)
    {
        var connection = Rent();
        try
        {
            return read(connection);
        }
        finally
        {
            Return(connection);
        }
    }

    private StoreConnection Rent()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SqliteDatabase));
            if (_idle.TryPop(out var connection))
            {
                return connection;
            }
        }

        // At most one connection for each thread that is reading.
        return StoreConnection.OpenReader(options);
    }

    private void Return(StoreConnection connection)
    {
        lock (_lock)
        {
            if (!_isClosed && _idle.Count < IdleMax)
            {
                _idle.Push(connection);
                return;
            }
        }

        connection.Dispose();
    }
}
