using System.Threading.Tasks.Sources;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A place in a run's event log. Used by one reader at a time.</summary>
public sealed class RunStreamReader : IValueTaskSource<bool>, IDisposable
{
    private const int BatchMax = 64;

    private readonly RunStream _stream;
    private readonly string[] _modes;
    private readonly RunEvent[] _batch = new RunEvent[BatchMax];
    private ManualResetValueTaskSourceCore<bool> _more = new() { RunContinuationsAsynchronously = true };
    private long _position;
    private int _fetched;
    private bool _isForgotten;
    private int _waiting;
    private int _wasWoken;

    internal RunStreamReader(RunStream stream, long position, IReadOnlyList<string> modes, long missed = 0)
    {
        Missed = missed;
        _stream = stream;
        _position = position;
        _modes = [.. modes];
    }

    /// <summary>The run.</summary>
    public RunId RunId => _stream.RunId;

    /// <summary>The thread of the run.</summary>
    public ThreadId ThreadId => _stream.ThreadId;

    /// <summary>How many events were gone before they could be read, since this was last asked; 1 when nobody knows how many.</summary>
    public long TakeMissed()
    {
        var missed = Missed;
        Missed = 0;
        return missed;
    }

    /// <summary>Whether the log has the reader among those that wait; the log's lock protects it.</summary>
    internal bool IsListed { get; set; }

    private long Missed { get; set; }

    private bool MayFetch => _stream.Store is not null && !_isForgotten;

    /// <summary>Returns events that are there and were not read yet, a bounded number of them; empty when there are none now.</summary>
    public ReadOnlySpan<RunEvent> TryRead()
    {
        while (true)
        {
            var copied = Take();
            if (copied == 0)
            {
                return default;
            }

            var kept = 0;
            for (var i = 0; i < copied; i++)
            {
                if (Wants(_batch[i].Name))
                {
                    _batch[kept++] = _batch[i];
                }
                else if (_batch[i].Name == RunEvents.Gap && Wants("values"))
                {
                    // Its state is gone with its checkpoint.
                    Missed++;
                }
            }

            if (kept > 0)
            {
                return _batch.AsSpan(0, kept);
            }
        }
    }

    /// <summary>Waits until there may be something to read; false when the log has ended and all of it was read. <see cref="Wake"/> ends the wait too.</summary>
    public ValueTask<bool> WaitAsync() => MayFetch && _stream.IsGone(_position) ? FetchAsync() : WaitForMoreAsync();

    /// <summary>Ends the wait, as when the client goes away or a heartbeat is due; the next one, when nobody waits now.</summary>
    public void Wake()
    {
        if (!TryEndWait())
        {
            Interlocked.Exchange(ref _wasWoken, 1);
            // A wait that began in between has not seen the mark.
            TryEndWait();
        }
    }

    /// <summary>Stops reading.</summary>
    public void Dispose() => _stream.StopWaiting(this);

    bool IValueTaskSource<bool>.GetResult(short token) => _more.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _more.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _more.OnCompleted(continuation, state, token, flags);

    /// <summary>Fills the batch with the next events; returns how many. None when they are to be fetched first.</summary>
    private int Take()
    {
        if (_fetched > 0)
        {
            var fetched = _fetched;
            _fetched = 0;
            return fetched;
        }

        var copied = _stream.CopyFrom(ref _position, _batch, canSkip: !MayFetch, out var missed);
        Missed += missed;
        return copied;
    }

    private async ValueTask<bool> FetchAsync()
    {
        var stored = await _stream.Store!.ReadAsync(_position - 1, BatchMax, CancellationToken.None);
        foreach (var read in stored)
        {
            // The store removes the first events of a run that has too many.
            Missed += read.Seq - _position;
            _batch[_fetched++] = read;
            _position = read.Seq + 1;
        }

        // The events of a run that ended long ago are removed all at once.
        _isForgotten = stored.Count == 0;
        return true;
    }

    private ValueTask<bool> WaitForMoreAsync()
    {
        _more.Reset();
        Interlocked.Exchange(ref _waiting, 1);
        if (Interlocked.Exchange(ref _wasWoken, 0) == 1 && Interlocked.Exchange(ref _waiting, 0) == 1)
        {
            return new(true);
        }

        if (!_stream.TryWait(this, _position) && Interlocked.Exchange(ref _waiting, 0) == 1)
        {
            return new(_position < _stream.NextSeq);
        }

        // Either the log wakes the reader, or someone is waking it this moment.
        return new(this, _more.Version);
    }

    private bool TryEndWait()
    {
        if (Interlocked.Exchange(ref _waiting, 0) == 0)
        {
            return false;
        }

        _more.SetResult(true);
        return true;
    }

    private bool Wants(string name)
    {
        if (name is RunEvents.Metadata or RunEvents.Error or RunEvents.End or RunEvents.Cancel)
        {
            return true;
        }

        foreach (var mode in _modes)
        {
            if (StreamModes.IsEventOf(mode, name))
            {
                return true;
            }
        }

        return false;
    }
}
