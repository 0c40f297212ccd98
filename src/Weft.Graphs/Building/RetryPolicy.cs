namespace Weft.Graphs;

/// <summary>
/// When and how a failed node is tried again (docs/protocol/engine.md G6). The events that a failed try has streamed
/// are not taken back.
/// </summary>
public sealed record RetryPolicy
{
    /// <summary>How often the node is tried at most, the first time included. Default: 3.</summary>
    public int AttemptsMax { get; init; } = 3;

    /// <summary>The wait before the second try. Default: half a second.</summary>
    public TimeSpan InitialInterval { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How much longer each wait is than the one before. Default: 2.</summary>
    public double BackoffFactor { get; init; } = 2;

    /// <summary>The longest wait. Default: 128 seconds.</summary>
    public TimeSpan MaxInterval { get; init; } = TimeSpan.FromSeconds(128);

    /// <summary>
    /// Whether to add a random delay of up to a second, so that tasks that failed together are not retried together.
    /// Default: yes.
    /// </summary>
    public bool Jitter { get; init; } = true;

    /// <summary>
    /// Whether a failure may pass if tried again. Default: any but mistakes in the program, such as
    /// <see cref="ArgumentException"/>.
    /// </summary>
    public Func<Exception, bool> RetryOn { get; init; } = IsTransient;

    internal static bool TriesAgain(RetryPolicy? policy, int attempt, Exception error, CancellationToken cancellationToken) =>
        policy is not null && attempt < policy.AttemptsMax
        && error is not (GraphInterruptException or ParentCommandException)
        && !cancellationToken.IsCancellationRequested
        && policy.RetryOn(error);

    internal TimeSpan WaitAfter(int attempt)
    {
        var wait = TimeSpan.FromTicks((long)Math.Min(InitialInterval.Ticks * Math.Pow(BackoffFactor, attempt - 1), MaxInterval.Ticks));
        return Jitter ? wait + TimeSpan.FromSeconds(NewId.Fraction()) : wait;
    }

    private static bool IsTransient(Exception error) => error
        is not (ArgumentException or InvalidOperationException or NotSupportedException or NotImplementedException or NullReferenceException
            or InvalidCastException or IndexOutOfRangeException or FormatException or ArithmeticException or GraphException)
        || error is NodeTimeoutException;
}
