namespace Weft.Runs;

/// <summary>The waits between tries of something that must succeed in the end: each twice as long as the one before, up to 5 seconds.</summary>
internal sealed class Backoff(TimeProvider time)
{
    private static readonly TimeSpan Min = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(5);

    /// <summary>How long the next wait is.</summary>
    public TimeSpan Next { get; private set; } = Min;

    /// <summary>Waits; returns at once, without an exception, when that is cancelled.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var wait = Task.Delay(Next, time, cancellationToken);
        Next = Next * 2 < Max ? Next * 2 : Max;
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
