using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The event log of one run. Events are appended by the run and read by any number of readers, each at its own place; a slow
/// one never holds up the run. What is over the limits goes from the front: a reader that wants it gets it from the store, when
/// the run is resumable, else it is told of the gap.
/// </summary>
public sealed class RunStream
{
    // More events than a run has time for: what a later attempt tells is numbered above all that an earlier one may have told.
    private const long EventsPerAttempt = 10_000_000_000;

    private const int BlockLength = 16;

    private readonly Lock _lock = new();
    private readonly List<RunStreamReader> _waiting = [];
    private readonly RunsOptions _options;
    private readonly long _firstSeq;

    // In blocks: a log that grows copies nothing. The first event is at _first of the first block.
    private readonly List<RunEvent[]> _blocks = [];
    private int _first;
    private int _count;
    private long _nextSeq;
    private long _bytes;
    private bool _hasBeenRead;

    internal RunStream(RunId runId, ThreadId threadId, IReadOnlyList<string> modes, RunsOptions options, long firstSeq = 0, StoredStream? store = null)
    {
        RunId = runId;
        ThreadId = threadId;
        Modes = modes;
        Store = store;
        _options = options;
        _firstSeq = firstSeq;
        _nextSeq = firstSeq;
    }

    /// <summary>The number of an attempt's first event, when nothing is known of what earlier attempts have told.</summary>
    internal static long FirstSeqOf(int attempt) => (attempt - 1) * EventsPerAttempt;

    /// <summary>The run.</summary>
    public RunId RunId { get; }

    /// <summary>The thread of the run.</summary>
    public ThreadId ThreadId { get; }

    /// <summary>The stream modes that a reader gets who asks for none.</summary>
    public IReadOnlyList<string> Modes { get; }

    /// <summary>Whether the last event has been appended.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Where all of its events are; null when those that are not in memory are nowhere.</summary>
    internal StoredStream? Store { get; }

    /// <summary>Its place among the logs that have begun on this server, from 1; 0 before it has.</summary>
    internal long Begun { get; set; }

    /// <summary>Whether its events were stored and have been removed since: nobody knows how many.</summary>
    internal bool WasRemoved { get; init; }

    /// <summary>The number that the next event gets.</summary>
    public long NextSeq
    {
        get
        {
            lock (_lock)
            {
                return _nextSeq;
            }
        }
    }

    internal long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Begins to read.</summary>
    /// <param name="after">The last event that the reader has; −1: none, so that all of what is kept is read; null: all if nobody has read this stream yet, else what is new.</param>
    /// <param name="modes">Only events of these stream modes; null: of <see cref="Modes"/>.</param>
    /// <param name="createdAtMs">When that event was published, in Unix milliseconds, if the reader knows: an event of another moment is not of this log.</param>
    public RunStreamReader Read(long? after, IReadOnlyList<string>? modes = null, long? createdAtMs = null)
    {
        lock (_lock)
        {
            // An id that this log has not given out is another log's, such as that of an earlier attempt: nothing is left out for it.
            var position = after is { } given ? (IsKnown(given, createdAtMs) ? given + 1 : _firstSeq) : _hasBeenRead ? _nextSeq : _firstSeq;
            if (HasEnded && after is null && _hasBeenRead)
            {
                // Nothing is new in what has ended but its end.
                position = _nextSeq - 1;
            }

            _hasBeenRead = true;
            position = Math.Max(_firstSeq, position);
            return new RunStreamReader(this, position, modes ?? Modes, missed: WasRemoved && position == _firstSeq ? 1 : 0);
        }
    }

    /// <summary>Begins an empty log at a later event, because the events before it have been removed from the store.</summary>
    internal void SkipTo(long seq)
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                _nextSeq = seq;
            }
        }
    }

    internal RunEvent Append(string name, StreamPayload payload, DateTimeOffset now, bool ends = false)
    {
        RunEvent added;
        RunStreamReader? one;
        RunStreamReader[]? several;
        lock (_lock)
        {
            added = new RunEvent(_nextSeq, name, payload, now);
            if (HasEnded)
            {
                // From code that was left behind: nothing follows the last event.
                return added;
            }

            _nextSeq++;
            if (_first + _count == _blocks.Count * BlockLength)
            {
                _blocks.Add(new RunEvent[BlockLength]);
            }

            EventAt(_count++) = added;
            _bytes += added.CostBytes;
            while (_bytes > _options.StreamBytesMax && _count > 1)
            {
                RemoveFirst();
            }

            if (ends)
            {
                HasEnded = true;
            }

            (one, several) = TakeWaiting();
        }

        Wake(one, several);
        return added;
    }

    /// <summary>Appends events that have their numbers: those that come next.</summary>
    internal void Append(IReadOnlyList<RunEvent> events)
    {
        foreach (var added in events)
        {
            Append(added.Name, added.Payload, added.CreatedAt, added.IsTerminal);
        }
    }

    /// <summary>Ends the log without a last event, as when the server stops and the run goes on elsewhere.</summary>
    internal void Abandon()
    {
        RunStreamReader? one;
        RunStreamReader[]? several;
        lock (_lock)
        {
            HasEnded = true;
            (one, several) = TakeWaiting();
        }

        Wake(one, several);
    }

    /// <summary>Whether the event at a position has left the memory.</summary>
    internal bool IsGone(long position)
    {
        lock (_lock)
        {
            return position < _nextSeq - _count;
        }
    }

    /// <summary>Copies events from a position on; tells how many there were, and where the reader is next when some are gone: none then, when it can't skip them.</summary>
    internal int CopyFrom(ref long position, Span<RunEvent> target, bool canSkip, out long missed)
    {
        lock (_lock)
        {
            var oldest = _nextSeq - _count;
            if (position < oldest && !canSkip)
            {
                missed = 0;
                return 0;
            }

            missed = Math.Max(0, oldest - position);
            position = Math.Max(position, oldest);
            var start = (int)(position - oldest);
            var copied = Math.Min(_count - start, target.Length);
            for (var i = 0; i < copied; i++)
            {
                target[i] = EventAt(start + i);
            }

            position += Math.Max(0, copied);
            return Math.Max(0, copied);
        }
    }

    /// <summary>Notes that a reader waits; false when there is no need to.</summary>
    internal bool TryWait(RunStreamReader reader, long position)
    {
        lock (_lock)
        {
            if (position < _nextSeq || HasEnded)
            {
                return false;
            }

            if (!reader.IsListed)
            {
                reader.IsListed = true;
                _waiting.Add(reader);
            }

            return true;
        }
    }

    internal void StopWaiting(RunStreamReader reader)
    {
        lock (_lock)
        {
            _waiting.Remove(reader);
        }
    }

    /// <summary>Under the lock: takes the readers that wait off the list. Most runs have one, which costs no list.</summary>
    private (RunStreamReader? One, RunStreamReader[]? Several) TakeWaiting()
    {
        if (_waiting.Count == 0)
        {
            return default;
        }

        foreach (var reader in _waiting)
        {
            reader.IsListed = false;
        }

        var taken = _waiting.Count == 1 ? (_waiting[0], null) : ((RunStreamReader?)null, _waiting.ToArray());
        _waiting.Clear();
        return taken;
    }

    /// <summary>Outside of the lock, and on the pool: a reader's work is not the run's.</summary>
    private static void Wake(RunStreamReader? one, RunStreamReader[]? several)
    {
        one?.Wake();
        foreach (var reader in several ?? [])
        {
            reader.Wake();
        }
    }

    /// <summary>Under the lock: whether the event is of this log. Of one that has left the memory only its number is known.</summary>
    private bool IsKnown(long seq, long? createdAtMs)
    {
        var index = seq - (_nextSeq - _count);
        return seq < _nextSeq && (index < 0 || createdAtMs is null || EventAt((int)index).CreatedAt.ToUnixTimeMilliseconds() == createdAtMs);
    }

    private ref RunEvent EventAt(int index)
    {
        var (block, at) = Math.DivRem(_first + index, BlockLength);
        return ref _blocks[block][at];
    }

    private void RemoveFirst()
    {
        ref var first = ref EventAt(0);
        _bytes -= first.CostBytes;
        first = default;
        _count--;
        if (++_first == BlockLength)
        {
            _blocks.RemoveAt(0);
            _first = 0;
        }
    }
}
