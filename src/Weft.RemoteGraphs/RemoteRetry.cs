namespace Weft.RemoteGraphs;

/// <summary>Repeats requests while the server can't be reached, for a limited time.</summary>
internal sealed class RemoteRetry(RemoteGraphOptions options, TimeProvider time)
{
    private static readonly TimeSpan Min = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(5);

    /// <exception cref="RemoteGraphException">The time is over.</exception>
    public async Task<T> RepeatAsync<T>(Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        for (var wait = Min; ; wait = wait * 2 < Max ? wait * 2 : Max)
        {
            try
            {
                return await send(cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
            {
                if (time.GetElapsedTime(start) >= options.ReconnectTimeout)
                {
                    throw new RemoteGraphException(
                        RemoteGraphFailure.Unreachable, $"The server could not be reached for {options.ReconnectTimeout}. {e.Message}", e);
                }
            }

            await Task.Delay(wait, time, cancellationToken);
        }
    }

    /// <summary>Waits before a stream that has broken is joined again.</summary>
    public Task PauseAsync(CancellationToken cancellationToken) => Task.Delay(Min, time, cancellationToken);
}
