namespace Weft.Testing;

/// <summary>Waits that end, and say what they waited for.</summary>
internal static class Waiting
{
    /// <summary>How long a test waits for something that does not come.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);

    /// <exception cref="TimeoutException">It took too long.</exception>
    public static async Task<T> For<T>(
        Func<CancellationToken, Task<T>> work, TimeSpan limit, string expected, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(limit);
        try
        {
            return await work(stop.Token).WaitAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Waited {limit.TotalSeconds} seconds for {expected}.");
        }
    }

    /// <exception cref="TimeoutException">It took too long.</exception>
    public static Task For(Func<CancellationToken, Task> work, TimeSpan limit, string expected, CancellationToken cancellationToken) =>
        For<object?>(
            async stop =>
            {
                await work(stop);
                return null;
            },
            limit,
            expected,
            cancellationToken);
}
