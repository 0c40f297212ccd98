namespace Weft.Runs;

/// <summary>Repeats storage operations that fail for a moment, until they succeed or the execution is stopped.</summary>
internal sealed class StorageRetry(TimeProvider time, CancellationToken stop)
{
    /// <summary>Whether a failure is expected to be temporary.</summary>
    public static bool IsTransient(Exception exception) => exception is StorageUnavailableException { IsTransient: true };

    /// <summary>
    /// Repeats an operation until it succeeds. After the stop there is one more try, and its failure is thrown.
    /// </summary>
    /// <param name="action">The operation.</param>
    /// <param name="waitsFirst">Whether to wait before the first try.</param>
    public async Task<T> RepeatAsync<T>(Func<Task<T>> action, bool waitsFirst = true)
    {
        for (var backoff = new Backoff(time); ; waitsFirst = true)
        {
            if (waitsFirst)
            {
                await backoff.WaitAsync(stop);
            }

            try
            {
                return await action();
            }
            catch (Exception e) when (IsTransient(e) && !stop.IsCancellationRequested)
            {
                // The next try follows. Storage has logged the failure.
            }
        }
    }
}
