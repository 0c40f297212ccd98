namespace Weft.Graphs;

/// <summary>How a durable step is run.</summary>
public sealed record StepOptions
{
    /// <summary>How to retry the node when it fails; null means no retries.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>
    /// What identifies the step among those of its name, whatever the order in which they start; null if their order
    /// does.
    /// </summary>
    public string? Key { get; init; }

    internal static StepOptions Default { get; } = new();
}
