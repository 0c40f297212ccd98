namespace Weft.Runs;

/// <summary>
/// Follows the runs of a thread. It returns the logs of the runs one by one, in the order in which they start. It is not safe for
/// concurrent use.
/// </summary>
public sealed class ThreadStreamReader : IThreadFollower, IDisposable
{
    private readonly RunStreams _streams;
    private readonly SemaphoreSlim _started = new(0);
    private RunStream? _last;
    private long _startOrder;
    private RunStreamReader? _first;

    /// <param name="streams">The logs.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="first">The log to read first; null begins with the one after <paramref name="last"/>.</param>
    /// <param name="last">The log of <paramref name="first"/>, or the last one that is not read; null reads all.</param>
    internal ThreadStreamReader(RunStreams streams, ThreadId threadId, RunStreamReader? first, RunStream? last)
    {
        _streams = streams;
        ThreadId = threadId;
        _first = first;
        _last = last;
        _startOrder = last?.StartOrder ?? 0;
    }

    /// <summary>The thread.</summary>
    public ThreadId ThreadId { get; }

    /// <summary>Waits until the next run starts if necessary, and returns its log, to be read from the start.</summary>
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
            if (await _streams.FindNextAsync(ThreadId, _last, _startOrder, cancellationToken) is { } next)
            {
                _last = next;
                _startOrder = Math.Max(_startOrder, next.StartOrder);
                return next.Read(after: -1, modes);
            }

            await _started.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Stops following.</summary>
    public void Dispose()
    {
        _streams.Unfollow(this);
        _first?.Dispose();
    }

    void IThreadFollower.RunStarted() => _started.Release();

    void IThreadFollower.ThreadDeleted()
    {
        // The stream stays open, because a thread with this id may be created again.
    }
}
