using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>Slows a graph down by the <c>pace_ms</c> of its run's configuration, without a channel that its schema would show.</summary>
internal static class Pace
{
    /// <summary>Waits for <c>pace_ms</c> milliseconds, or not at all if the run has no pace.</summary>
    public static async Task WaitAsync(NodeContext context, CancellationToken cancellationToken)
    {
        if (context.Configurable.TryGetProperty("pace_ms", out var pace))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(pace.GetDouble()), context.Time, cancellationToken);
        }
    }
}
