namespace Weft.Runs;

/// <summary>
/// Runs reads that take long on a few threads of their own, so that the threads that answer other requests are free. Further
/// reads wait, up to a bound.
/// </summary>
/// <remarks>A thread is started for each read, because a read takes much longer than that. An idle server has none.</remarks>
internal sealed class ScanThreads(int threadsMax, int queuedMax) : IDisposable
{
    [ThreadStatic]
    private static bool _isScanning;

    private readonly SemaphoreSlim _free = new(threadsMax);
    private int _running;

    public ScanThreads(RunsOptions options)
        : this(options.ConcurrentScansMax, options.QueuedScansMax)
    {
    }

    /// <summary>Runs a read. If the caller is on one of the threads already, the read runs there.</summary>
    /// <exception cref="WeftException">Too many reads wait.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        if (_isScanning)
        {
            return await read();
        }

        if (Interlocked.Increment(ref _running) > threadsMax + queuedMax)
        {
            Interlocked.Decrement(ref _running);
            throw new WeftException(
                ProblemKind.Overloaded, $"The server has reached its limit of waiting searches ({queuedMax}). Try again later.");
        }

        try
        {
            await _free.WaitAsync(cancellationToken);
            try
            {
                return await Task.Factory.StartNew(
                    () => Scan(read), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            finally
            {
                _free.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public void Dispose() => _free.Dispose();

    private static T Scan<T>(Func<Task<T>> read)
    {
        _isScanning = true;
        try
        {
            // Reads complete synchronously. If one does not, this thread waits for it, so that the number of reads stays bounded.
            return read().GetAwaiter().GetResult();
        }
        finally
        {
            _isScanning = false;
        }
    }
}
