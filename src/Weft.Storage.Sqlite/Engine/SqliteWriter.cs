using System.Threading.Channels;

namespace Weft.Storage.Sqlite;

/// <summary>
/// The one writer of the file. A loop takes what is queued, does it in one transaction, and completes the callers after the
/// commit: the cost of a commit is shared by all that wait for it, and one that is alone waits for nobody.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int BatchMax = 256;

    private readonly SqliteSession _session;
    // Written by every store, read by the loop. When it is full, callers wait in line.
    private readonly Channel<WriteOperation> _queue;
    private readonly Task _loop;

    public SqliteWriter(SqliteSession session, SqliteStorageOptions options)
    {
        _session = session;
        _queue = Channel.CreateBounded<WriteOperation>(new BoundedChannelOptions(options.QueuedWritesMax) { SingleReader = true });
        _loop = Task.Run(RunAsync);
    }

    /// <summary>
    /// Queues a write; the task completes after the commit. <paramref name="write"/> may run more than once, each time on a
    /// database without its earlier effect. Writes take effect in the order of the calls.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> write, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var operation = new WriteOperation<T>(write);
        return _queue.Writer.TryWrite(operation) ? operation.Completion : EnqueueAsync(operation);
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        _session.Run("PRAGMA optimize");
        _session.Run("PRAGMA wal_checkpoint(TRUNCATE)");
        _session.Dispose();
    }

    private async Task<T> EnqueueAsync<T>(WriteOperation<T> operation)
    {
        await _queue.Writer.WriteAsync(operation);
        return await operation.Completion;
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

            if (!TryCommit(batch))
            {
                // One of them fails: alone, each fails or succeeds by itself.
                foreach (var operation in batch)
                {
                    TryCommit([operation]);
                }
            }

            batch.Clear();
        }
    }

    /// <summary>Does a batch in one transaction. False, with nothing done or told, when one of several fails.</summary>
    private bool TryCommit(List<WriteOperation> batch)
    {
        try
        {
            _session["BEGIN IMMEDIATE"].Execute();
            try
            {
                foreach (var operation in batch)
                {
                    operation.Run(_session);
                }

                _session["COMMIT"].Execute();
            }
            catch
            {
                _session["ROLLBACK"].Execute();
                throw;
            }
        }
        catch (Exception e)
        {
            if (batch.Count > 1)
            {
                return false;
            }

            batch[0].Fail(e);
            return true;
        }

        foreach (var operation in batch)
        {
            operation.Complete();
        }

        return true;
    }

    private abstract class WriteOperation
    {
        public abstract void Run(SqliteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class WriteOperation<T>(Func<SqliteSession, T> write) : WriteOperation
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Completion => _completion.Task;

        public override void Run(SqliteSession session) => _result = write(session);

        public override void Complete() => _completion.SetResult(_result!);

        public override void Fail(Exception exception) => _completion.SetException(exception);
    }
}
