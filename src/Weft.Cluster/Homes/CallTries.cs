using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Repeats a request until the server that has the runs of its thread answers, for a limited time.</summary>
internal sealed class CallTries(ClusterOptions options, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _wait = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits before the next try.</summary>
    /// <exception cref="WeftException">The time is over.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_start) > options.CallTimeout)
        {
            throw new WeftException(ProblemKind.Unavailable, "The server that has the runs of this thread can't be reached. Try again later.");
        }

        await Task.Delay(_wait, time, cancellationToken);
        _wait = _wait * 2 < TimeSpan.FromSeconds(1) ? _wait * 2 : TimeSpan.FromSeconds(1);
    }
}
