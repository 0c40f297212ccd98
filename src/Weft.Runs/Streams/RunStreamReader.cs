using System.Threading.Tasks.Sources;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A position in a run's event log. It is not safe for concurrent use.</summary>
public sealed class RunStreamReader : IValueTaskSource<bool>, IDisposable
{
    private const int BatchMax = 64;

    // Most runs have few events.
    private const int FirstBatch = 16;

    private RunStream _stream;
    private int _isDisposed;
    private readonly StreamMode _modes;
    private RunEvent[] _batch = new RunEvent[FirstBatch];
    private ManualResetValueTaskSourceCore<bool> _more = new() { RunContinuationsAsynchronously = true };
    private long _position;
    private int _fetched;
    private bool _isBatchFull;
    private bool _isForgotten;
    private int _waiting;
    private int _wasWoken;

    internal RunStreamReader(RunStream stream, long position, StreamMode modes, long missed = 0)
    {
        Missed = missed;
        _stream = stream;
        _position = position;
        _modes = modes;
        stream.AddReader();
    }

    /// <summary>The run.</summary>
    public RunId RunId => _stream.RunId;

    /// <summary>The thread of the run.</summary>
    public ThreadId ThreadId => _stream.ThreadId;

    /// <summary>The keys that the client of the run wants feedback for.</summary>
    public IReadOnlyList<string> FeedbackKeys => _stream.FeedbackKeys;

    /// <summary>
    /// Returns how many events were removed before the reader could read them, since the last call; 1 if the number is unknown.
    /// </summary>
    public long TakeMissed()
    {
        var missed = Missed;
        Missed = 0;
        return missed;
    }

    /// <summary>Notes that events are missing, whose number is unknown.</summary>
    internal void AddGap() => Missed = Math.Max(1, Missed);

    /// <summary>Whether the run continues in another log.</summary>
    internal bool IsAbandoned => _stream.IsAbandoned;

    /// <summary>The number of the next event.</summary>
    internal long Position => _position;

    /// <summary>Whether events were removed from memory that a wait reads from the store.</summary>
    internal bool MustFetch => MayFetch && _stream.IsGone(_position);

    /// <summary>Whether the log has ended and all of its events have been read.</summary>
    internal bool IsAtEnd => _fetched == 0 && _stream.IsAtEnd(_position);

    /// <summary>Whether the log lists the reader as waiting. The log's lock protects it.</summary>
    internal bool IsListed { get; set; }

    private long Missed { get; set; }

    private bool MayFetch => _stream.Store is not null && !_isForgotten;

    /// <summary>
    /// Returns a bounded number of available events that have not been read; empty if there are none now. The span is valid until
    /// the next call.
    /// </summary>
    public ReadOnlySpan<RunEvent> TryRead()
    {
        while (true)
        {
            var copied = FillBatch();
            if (copied == 0)
            {
                if (TryGoOn())
                {
                    continue;
                }

                return default;
            }

            var kept = 0;
            for (var i = 0; i < copied; i++)
            {
                if (!Wants(_batch[i].Part))
                {
                    continue;
                }

                if (_batch[i].Part is GapPart)
                {
                    // Its state was removed with its checkpoint.
                    Missed++;
                }
                else
                {
                    _batch[kept++] = _batch[i];
                }
            }

            if (kept > 0)
            {
                return _batch.AsSpan(0, kept);
            }
        }
    }

    /// <summary>
    /// Waits until an event may be available; false if the log has ended and all of its events have been read. <see cref="Wake"/>
    /// ends the wait too.
    /// </summary>
    public ValueTask<bool> WaitAsync() =>
        MustFetch ? FetchAsync() : WaitForMoreAsync();

    /// <summary>
    /// Ends the wait, for example because the client disconnects or a heartbeat is due. If nobody waits now, the next wait ends
    /// at once.
    /// </summary>
    public void Wake()
    {
        if (!TryEndWait())
        {
            Interlocked.Exchange(ref _wasWoken, 1);
            // A wait that began since the first attempt may not have seen the mark.
            TryEndWait();
        }
    }

    /// <summary>Stops reading.</summary>
    public void Dispose()
    {
        _stream.StopWaiting(this);
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _stream.RemoveReader();
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _more.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _more.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _more.OnCompleted(continuation, state, token, flags);

    /// <summary>
    /// Fills the batch with the next events. Returns their number; 0 if there are none, or if they must be fetched first.
    /// </summary>
    private int FillBatch()
    {
        if (_fetched > 0)
        {
            var fetched = _fetched;
            _fetched = 0;
            return fetched;
        }

        if (_isBatchFull && _batch.Length < BatchMax)
        {
            _batch = new RunEvent[BatchMax];
        }

        var copied = _stream.CopyFrom(ref _position, _batch, canSkip: !MayFetch, out var missed);
        _isBatchFull = copied == _batch.Length;
        Missed += missed;
        return copied;
    }

    /// <summary>Goes on in the log in which the run continues; false if there is none.</summary>
    private bool TryGoOn()
    {
        if (_stream.Next is not { } next || MustFetch)
        {
            return false;
        }

        if (_position < _stream.NextSeq)
        {
            // They were added since the last look.
            return true;
        }

        next.AddReader();
        _stream.RemoveReader();
        _stream = next;
        _position = Math.Max(_position, next.FirstSeq);
        _isForgotten = false;
        return true;
    }

    private async ValueTask<bool> FetchAsync()
    {
        var stored = await _stream.Store!.ReadAsync(_position - 1, BatchMax, CancellationToken.None);
        if (stored.Count > _batch.Length)
        {
            _batch = new RunEvent[BatchMax];
        }

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
            return new(_position < _stream.NextSeq || _stream.Next is not null);
        }

        // Either the log will wake the reader, or another thread is waking it now.
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

    /// <summary>Parts that belong to no mode are for all readers.</summary>
    private bool Wants(StreamPart part) => part.Mode is var mode && (mode == StreamMode.None || (mode & _modes) != 0);
}
