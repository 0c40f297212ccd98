namespace Weft.Runs;

/// <summary>
/// The waits between the attempts at an operation that must succeed. Each wait is twice as long as the previous one, up to 5
/// seconds.
/// </summary>
internal sealed class Backoff(TimeProvider time)
{
    private static readonly TimeSpan Min = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(5);

    /// <summary>The length of the next wait.</summary>
    public TimeSpan Next { get; private set; } = Min;

    /// <summary>Waits. Returns early and without an exception if the wait is cancelled.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var wait = Task.Delay(Next, time, cancellationToken);
        Next = Next * 2 < Max ? Next * 2 : Max;
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
