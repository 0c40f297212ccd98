namespace Weft.Graphs;

/// <summary>How a durable step is run.</summary>
public sealed record StepOptions
{
    /// <summary>Whether to try again when it fails; null: no.</summary>
    public RetryPolicy? Retry { get; init; }

    internal static StepOptions Default { get; } = new();
}
