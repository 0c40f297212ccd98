namespace Weft.Graphs;

/// <summary>How a durable step is run.</summary>
public sealed record StepOptions
{
    /// <summary>How to retry the node when it fails; null means no retries.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>
    /// Identifies the step among those with its name, in whatever order they start; null if their order identifies it.
    /// </summary>
    public string? Key { get; init; }

    internal static StepOptions Default { get; } = new();
}
