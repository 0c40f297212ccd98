using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The event log of one run. The run appends events, and any number of readers read them, each at its own position. A slow reader
/// never delays the run. Events beyond the limits are removed from the front. A reader that needs a removed event gets it from
/// the store if the run is resumable. Otherwise the reader gets a gap event.
/// </summary>
public sealed class RunStream
{
    // No attempt has time for this many events, so events of a later attempt always have higher numbers than those of earlier
    // ones.
    private const long EventsPerAttempt = 1 << 28;

    // Later attempts share their numbers, because a thread's log has room for 2^33 events of a run (ThreadLog).
    private const long AttemptsNumberedMax = 31;

    private const int BlockLength = 16;

    private readonly Lock _lock = new();
    private readonly List<RunStreamReader> _waiting = [];
    private readonly RunsOptions _options;
    private readonly long _firstSeq;

    // In blocks, so that a growing log is never copied. The first event is at index _first of the first block.
    private readonly List<RunEvent[]> _blocks = [];
    private int _first;
    private int _count;
    private long _nextSeq;
    private long _bytes;
    private bool _hasBeenRead;
    private int _readers;
    private volatile StoredStream? _store;
    private volatile bool _isStoredWhole;

    internal RunStream(
        RunId runId,
        ThreadId threadId,
        IReadOnlyList<string> modes,
        RunsOptions options,
        long firstSeq = 0,
        StoredStream? store = null)
    {
        RunId = runId;
        ThreadId = threadId;
        Modes = modes;
        _store = store;
        _isStoredWhole = store is not null;
        _options = options;
        _firstSeq = firstSeq;
        _nextSeq = firstSeq;
    }

    /// <summary>
    /// Returns the number of an attempt's first event if it is unknown which events earlier attempts have published.
    /// </summary>
    internal static long FirstSeqOf(int attempt) => Math.Min(attempt - 1, AttemptsNumberedMax) * EventsPerAttempt;

    /// <summary>The run.</summary>
    public RunId RunId { get; }

    /// <summary>The thread of the run.</summary>
    public ThreadId ThreadId { get; }

    /// <summary>The stream modes for readers that ask for none.</summary>
    public IReadOnlyList<string> Modes { get; }

    /// <summary>As <see cref="RunSpec.FeedbackKeys"/>.</summary>
    internal IReadOnlyList<string> FeedbackKeys { get; init; } = [];

    /// <summary>Whether the log ended without a last event, because the run continues elsewhere.</summary>
    internal bool IsAbandoned { get; private set; }

    /// <summary>The actor that the run belongs to; null if that is not known.</summary>
    internal string? Owner { get; init; }

    /// <summary>
    /// The metadata that the temporary thread of the run was created with; null for other threads, or if it is not known.
    /// </summary>
    internal string? ThreadMetadata { get; set; }

    /// <summary>Whether the thread is deleted when the end of the run is stored. Nothing but the log is left of the run then.</summary>
    internal bool OutlivesThread { get; set; }

    /// <summary>Whether it is a copy of a log on another server.</summary>
    internal bool IsCopy { get; init; }

    /// <summary>Whether the last event has been appended.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>
    /// The log in which the run continues; null if there is none. Its readers go on there after the last event of this one.
    /// </summary>
    internal RunStream? Next { get; private set; }

    /// <summary>The number of readers that were not disposed of.</summary>
    internal int ReaderCount => Volatile.Read(ref _readers);

    /// <summary>The store of all events of the run; null if the events are only in memory.</summary>
    internal StoredStream? Store => _store;

    /// <summary>Whether all events that are in memory are stored too.</summary>
    internal bool IsStoredWhole
    {
        get => _isStoredWhole;
        set => _isStoredWhole = value;
    }

    /// <summary>What writes the log while the run executes here; null otherwise.</summary>
    internal RunSink? Sink { get; set; }

    /// <summary>As <see cref="RunRecord.StartOrder"/>.</summary>
    internal long StartOrder { get; set; }

    /// <summary>Whether it is in the log of its thread, which sets this.</summary>
    internal bool IsListed { get; set; }

    /// <summary>Whether its events were stored and have been removed since. Their number is unknown.</summary>
    internal bool WasRemoved { get; init; }

    /// <summary>Whether its events were only in the memory of a server, which no longer has them. Their number is unknown.</summary>
    internal bool WasForgotten { get; init; }

    /// <summary>The number of the next event.</summary>
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

    /// <summary>The number of the first event that is in memory; null if none is.</summary>
    internal long? FirstSeqInMemory
    {
        get
        {
            lock (_lock)
            {
                return _count == 0 ? null : _nextSeq - _count;
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

    /// <summary>Starts to read.</summary>
    /// <param name="after">
    /// The last event that the reader has. −1 reads all events that are kept. Null reads them too if nobody has read this stream
    /// yet, and otherwise only new events.
    /// </param>
    /// <param name="modes">Only events of these stream modes; null means <see cref="Modes"/>.</param>
    /// <param name="createdAtMs">
    /// The time when that event was published, in Unix milliseconds; null if unknown. If the event of this log has another time,
    /// all events that are kept are read.
    /// </param>
    public RunStreamReader Read(long? after, IReadOnlyList<string>? modes = null, long? createdAtMs = null)
    {
        lock (_lock)
        {
            // A number that this log has not issued is another log's, such as that of an earlier attempt. Then nothing is
            // skipped.
            var position = after switch
            {
                { } given when IsKnown(given, createdAtMs) => given + 1,
                null when _hasBeenRead => _nextSeq,
                _ => _firstSeq,
            };
            if (HasEnded && after is null && _hasBeenRead)
            {
                // The only new event of a log that has ended is the last one.
                position = _nextSeq - 1;
            }

            _hasBeenRead = true;
            position = Math.Max(_firstSeq, position);
            return new RunStreamReader(
                this, position, StreamModes.Parse(modes ?? Modes), missed: WasRemoved && position == _firstSeq ? 1 : 0);
        }
    }

    /// <summary>Starts to read all events, whatever their modes.</summary>
    /// <param name="after">The last event that the reader has.</param>
    internal RunStreamReader ReadAll(long after) =>
        new(this, Math.Max(_firstSeq, after + 1), StreamModes.All, missed: (WasRemoved || WasForgotten) && after < _firstSeq ? 1 : 0);

    /// <summary>Whether all events before a position were read and none will follow.</summary>
    internal bool IsAtEnd(long position)
    {
        lock (_lock)
        {
            return HasEnded && position >= _nextSeq;
        }
    }

    /// <summary>The number of the first event that the log may have had.</summary>
    internal long FirstSeq => _firstSeq;

    /// <summary>
    /// Whether somebody has read the log, so that a reader without a position gets new events only. It is set for the copy of a
    /// log that was read.
    /// </summary>
    internal bool HasBeenRead
    {
        get
        {
            lock (_lock)
            {
                return _hasBeenRead;
            }
        }

        set
        {
            lock (_lock)
            {
                _hasBeenRead = value;
            }
        }
    }

    /// <summary>
    /// Goes on at a later event, because those in between are not available. Events before it are removed from memory.
    /// </summary>
    internal void SkipTo(long seq)
    {
        lock (_lock)
        {
            if (seq <= _nextSeq)
            {
                return;
            }

            _blocks.Clear();
            (_first, _count, _bytes) = (0, 0, 0);
            _nextSeq = seq;
        }
    }

    /// <summary>Lets readers go on in another log, because the run continues there.</summary>
    internal void Continue(RunStream next)
    {
        if (ReferenceEquals(next, this))
        {
            throw new InvalidOperationException("A log can't continue in itself.");
        }

        RunStreamReader? one;
        RunStreamReader[]? several;
        lock (_lock)
        {
            Next = next;
            (one, several) = RemoveWaiting();
        }

        Wake(one, several);
    }

    internal void AddReader() => Interlocked.Increment(ref _readers);

    internal void RemoveReader() => Interlocked.Decrement(ref _readers);

    internal RunEvent Append(StreamPart part, DateTimeOffset now) => Append(part, now, isStored: true)!.Value;

    /// <summary>Appends an event that is only in memory; false if the events of the log are stored.</summary>
    internal bool TryAppend(StreamPart part, DateTimeOffset now) => Append(part, now, isStored: false) is not null;

    private RunEvent? Append(StreamPart part, DateTimeOffset now, bool isStored)
    {
        RunEvent added;
        RunStreamReader? one;
        RunStreamReader[]? several;
        lock (_lock)
        {
            if (!isStored && _store is not null)
            {
                return null;
            }

            added = Add(part, now);
            (one, several) = RemoveWaiting();
        }

        Wake(one, several);
        return added;
    }

    /// <summary>The caller holds the lock.</summary>
    private RunEvent Add(StreamPart part, DateTimeOffset now)
    {
        var added = new RunEvent(_nextSeq, part, now);
        if (HasEnded)
        {
            // Abandoned code of the run may still append, but nothing follows the last event.
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

        HasEnded = added.IsTerminal;
        return added;
    }

    /// <summary>
    /// Lets the events be stored from now on. Returns those in memory, which have been published before; null if they are stored
    /// already, or if the log has ended.
    /// </summary>
    internal List<RunEvent>? BeginStoring(StoredStream store)
    {
        lock (_lock)
        {
            if (_store is not null || HasEnded)
            {
                return null;
            }

            _store = store;
            return Events();
        }
    }

    /// <summary>Returns the events in memory.</summary>
    internal List<RunEvent> CopyEvents()
    {
        lock (_lock)
        {
            return Events();
        }
    }

    /// <summary>The caller holds the lock.</summary>
    private List<RunEvent> Events() => [.. Enumerable.Range(0, _count).Select(index => EventAt(index))];

    /// <summary>
    /// Appends events that are already numbered, from <see cref="NextSeq"/> on. Readers are woken once and get them together.
    /// </summary>
    internal void Append(IReadOnlyList<RunEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        RunStreamReader? one;
        RunStreamReader[]? several;
        lock (_lock)
        {
            foreach (var added in events)
            {
                Add(added.Part, added.CreatedAt);
            }

            (one, several) = RemoveWaiting();
        }

        Wake(one, several);
    }

    /// <summary>
    /// Ends the log without a last event, for example because the server stops and the run continues elsewhere.
    /// </summary>
    internal void Abandon()
    {
        RunStreamReader? one;
        RunStreamReader[]? several;
        lock (_lock)
        {
            IsAbandoned |= !HasEnded;
            HasEnded = true;
            (one, several) = RemoveWaiting();
        }

        Wake(one, several);
    }

    /// <summary>Whether the event at a position has been removed from memory.</summary>
    internal bool IsGone(long position)
    {
        lock (_lock)
        {
            return position < _nextSeq - _count;
        }
    }

    /// <summary>
    /// Copies events from a position on. Returns their number and moves the position behind them. Removed events are skipped and
    /// counted as missed. If the reader can't skip them, nothing is copied.
    /// </summary>
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
            // A reader of the thread's log may have a position behind the last event.
            var start = position - oldest;
            var copied = (int)Math.Clamp(_count - start, 0, target.Length);
            for (var i = 0; i < copied; i++)
            {
                target[i] = EventAt((int)start + i);
            }

            position += copied;
            return copied;
        }
    }

    /// <summary>Adds a reader to those that wait; false if an event is available or the log has ended.</summary>
    internal bool TryWait(RunStreamReader reader, long position)
    {
        lock (_lock)
        {
            if (position < _nextSeq || HasEnded || Next is not null)
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

    /// <summary>
    /// Removes and returns the readers that wait. The caller holds the lock. Most runs have one reader, which needs no array.
    /// </summary>
    private (RunStreamReader? One, RunStreamReader[]? Several) RemoveWaiting()
    {
        if (_waiting.Count == 0)
        {
            return default;
        }

        foreach (var reader in _waiting)
        {
            reader.IsListed = false;
        }

        var removed = _waiting.Count == 1 ? (_waiting[0], null) : ((RunStreamReader?)null, _waiting.ToArray());
        _waiting.Clear();
        return removed;
    }

    /// <summary>
    /// Wakes readers. The caller does not hold the lock, and readers continue on the thread pool, so that they do not delay the
    /// run.
    /// </summary>
    private static void Wake(RunStreamReader? one, RunStreamReader[]? several)
    {
        one?.Wake();
        foreach (var reader in several ?? [])
        {
            reader.Wake();
        }
    }

    /// <summary>
    /// Whether the event belongs to this log. The caller holds the lock. Of an event that has been removed from memory, only the
    /// number is known.
    /// </summary>
    private bool IsKnown(long seq, long? createdAtMs)
    {
        var index = seq - (_nextSeq - _count);
        return seq < _nextSeq
            && (index < 0 || createdAtMs is null || EventAt((int)index).CreatedAt.ToUnixTimeMilliseconds() == createdAtMs);
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
