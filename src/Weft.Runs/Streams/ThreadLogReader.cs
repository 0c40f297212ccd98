using System.Runtime.CompilerServices;

namespace Weft.Runs;

/// <summary>
/// A position in the log of a thread. It reads the events of all runs in order, from memory or from the store, and then those
/// of the runs that start later. It is not safe for concurrent use, except <see cref="Wake"/>.
/// </summary>
public sealed class ThreadLogReader : IThreadFollower, IDisposable
{
    private readonly RunStreams _streams;
    private readonly ReaderSignal _signal = new();
    private ThreadEntry[] _batch = [];
    private RunStreamReader? _current;
    private long _startOrder;
    private long _number;
    private long _missed;
    private bool _hasAskedStore;
    private long _checked;

    /// <param name="streams">The logs.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="after">The number of the last event that the reader has.</param>
    internal ThreadLogReader(RunStreams streams, ThreadId threadId, long after)
    {
        _streams = streams;
        ThreadId = threadId;
        var (startOrder, number) = ThreadLog.PlaceOf(after + 1);
        _startOrder = Math.Max(0, startOrder - 1);
        _number = startOrder == 0 ? -1 : number - 1;
    }

    /// <summary>The thread.</summary>
    public ThreadId ThreadId { get; }

    /// <summary>
    /// Returns a bounded number of available events that have not been read; empty if there are none now. The span is valid until
    /// the next call.
    /// </summary>
    public ReadOnlySpan<ThreadEntry> TryRead()
    {
        while (true)
        {
            if (_current is null)
            {
                // The store may have a run that comes before the next one in memory. Then the wait reads it.
                if (_streams.Threads.FindNext(ThreadId, _startOrder) is not { } next || MayBeBehind(next))
                {
                    return default;
                }

                Open(next);
            }

            var events = _current!.TryRead();
            if (events.Length > 0)
            {
                return Entries(events);
            }

            if (!_current.IsAtEnd)
            {
                return default;
            }

            Close();
        }
    }

    /// <summary>
    /// Whether <see cref="TryRead"/> returned nothing because the next events are in the store. Then the wait reads them.
    /// </summary>
    public bool MustFetch => _current is { } current ? current.MustFetch : MustAskStore(_streams.Threads.FindNext(ThreadId, _startOrder));

    /// <summary>
    /// Waits until an event may be available. <see cref="Wake"/> ends the wait too. Returns false if the thread was deleted.
    /// </summary>
    public ValueTask<bool> WaitAsync()
    {
        if (_current is null)
        {
            return NextAsync();
        }

        // A signal that came while no log was open would be lost in the wait for this one.
        if (_signal.TryTake())
        {
            return new(true);
        }

        var wait = _current.WaitAsync();
        if (!wait.IsCompletedSuccessfully)
        {
            return AnyAsync(wait);
        }

        _ = wait.Result;
        return new(true);
    }

    /// <summary>
    /// Ends the wait, for example because the client disconnects or a heartbeat is due. If nobody waits now, the next wait ends
    /// at once.
    /// </summary>
    public void Wake()
    {
        _signal.Send();
        Volatile.Read(ref _current)?.Wake();
    }

    /// <summary>
    /// Returns how many events were removed before the reader could read them, since the last call; 1 if the number is unknown.
    /// </summary>
    public long TakeMissed()
    {
        var missed = _missed + (_current?.TakeMissed() ?? 0);
        _missed = 0;
        return missed;
    }

    /// <summary>Stops reading.</summary>
    public void Dispose()
    {
        _streams.Threads.Unfollow(this);
        _current?.Dispose();
    }

    bool IThreadFollower.WantsAllEvents => true;

    void IThreadFollower.RunStarted() => _signal.Send();

    void IThreadFollower.StateEdited(EditNotice edit)
    {
        // The log has only the events of runs.
    }

    void IThreadFollower.ThreadGiven()
    {
        // The server follows the thread at its new home.
    }

    void IThreadFollower.ThreadDeleted()
    {
        _signal.Close();
        Volatile.Read(ref _current)?.Wake();
    }

    /// <summary>Whether the store may have a run between the last one and one in memory.</summary>
    private bool MayBeBehind(RunStream next) => next.StartOrder > _startOrder + 1 && next.StartOrder != _checked;

    /// <summary>Whether the store may have the run to read next.</summary>
    private bool MustAskStore(RunStream? next) => next is null ? !_hasAskedStore : MayBeBehind(next);

    /// <summary>Waits for the next run.</summary>
    private ValueTask<bool> NextAsync()
    {
        var next = _streams.Threads.FindNext(ThreadId, _startOrder);
        return MustAskStore(next) ? FetchNextAsync(next)
            : next is null ? _signal.WaitAsync()
            : new(!_signal.IsClosed);
    }

    /// <summary>Asks the store, once for each place, because runs that start later are in memory.</summary>
    private async ValueTask<bool> FetchNextAsync(RunStream? next)
    {
        _hasAskedStore = true;
        _checked = next?.StartOrder ?? _checked;
        if (await _streams.FindNextAsync(ThreadId, _startOrder, CancellationToken.None) is { } found)
        {
            Open(found);
        }

        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> AnyAsync(ValueTask<bool> wait)
    {
        await wait;
        // The signal that ended this wait must not end the next one too.
        _signal.TryTake();
        return true;
    }

    private void Open(RunStream run)
    {
        var after = run.StartOrder == _startOrder + 1 ? _number : -1;
        _startOrder = run.StartOrder;
        Volatile.Write(ref _current, run.ReadAll(after));
    }

    private void Close()
    {
        var isAbandoned = _current!.IsAbandoned;
        _missed += _current.TakeMissed();
        _current.Dispose();
        Volatile.Write(ref _current, null);
        _batch = [];
        // The store has nothing behind the last run. The next one comes with a signal.
        _hasAskedStore = !isAbandoned && _streams.Threads.IsLast(ThreadId, _startOrder);
        _checked = 0;
        if (isAbandoned)
        {
            // The run continues in another log, with numbers above those that were read.
            _startOrder--;
        }
        else
        {
            _number = -1;
        }
    }

    private ReadOnlySpan<ThreadEntry> Entries(ReadOnlySpan<RunEvent> events)
    {
        if (_batch.Length < events.Length)
        {
            _batch = new ThreadEntry[events.Length];
        }

        for (var i = 0; i < events.Length; i++)
        {
            _batch[i] = new ThreadEntry(ThreadLog.SeqOf(_startOrder, events[i].Seq), _current!.RunId, events[i]);
        }

        _number = events[^1].Seq;
        return _batch.AsSpan(0, events.Length);
    }
}
