namespace Weft.Runs;

/// <summary>Repeats what storage can't do for a moment, until it succeeds or the execution is stopped.</summary>
internal sealed class Patience(TimeProvider time, CancellationToken stop)
{
    /// <summary>Whether a failure is expected to pass.</summary>
    public static bool IsPassing(Exception exception) => exception is StorageUnavailableException { IsPassing: true };

    /// <summary>Tries until it succeeds. After the stop there is one more try, whose failure is thrown.</summary>
    /// <param name="action">What to try.</param>
    /// <param name="waitsFirst">Whether a wait comes before the first try.</param>
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
            catch (Exception e) when (IsPassing(e) && !stop.IsCancellationRequested)
            {
                // The next try follows. Storage has logged the failure.
            }
        }
    }
}
