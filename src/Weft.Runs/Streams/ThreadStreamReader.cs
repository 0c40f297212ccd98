namespace Weft.Runs;

/// <summary>
/// Follows the runs of a thread. It returns the logs of the runs one by one, in the order in which they begin. It is not safe for
/// concurrent use.
/// </summary>
public sealed class ThreadStreamReader : IDisposable
{
    private readonly RunStreams _streams;
    private readonly SemaphoreSlim _begun = new(0);
    private long _last;
    private RunStreamReader? _first;

    internal ThreadStreamReader(RunStreams streams, ThreadId threadId, RunStreamReader? first, long last)
    {
        _streams = streams;
        ThreadId = threadId;
        _first = first;
        _last = last;
    }

    /// <summary>The thread.</summary>
    public ThreadId ThreadId { get; }

    /// <summary>Waits until the next run begins if necessary, and returns its log, to be read from the start.</summary>
    /// <param name="modes">As <see cref="RunStream.Read"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RunStreamReader> NextAsync(IReadOnlyList<string>? modes, CancellationToken cancellationToken)
    {
        if (_first is { } first)
        {
            _first = null;
            return first;
        }

        while (true)
        {
            if (_streams.FindNext(ThreadId, _last) is { } next)
            {
                _last = next.Begun;
                return next.Read(after: -1, modes);
            }

            await _begun.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Stops following.</summary>
    public void Dispose()
    {
        _streams.Unfollow(this);
        _first?.Dispose();
    }

    internal void Wake() => _begun.Release();
}
