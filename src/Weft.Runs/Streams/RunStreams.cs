using System.Collections.Concurrent;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The event logs of the runs on this server: those of unfinished runs, and for a limited time those of ended runs.
/// </summary>
public sealed class RunStreams
{
    private const int PageSize = 500;

    private readonly IStreamEventStore _store;
    private readonly ICheckpointStore _checkpoints;
    private readonly ThreadHeadCache _heads;
    private readonly AssistantDirectory _assistants;
    private readonly RunsOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<RunId, RunStream> _streams = new();
    private readonly Lock _lock = new();
    private readonly LinkedList<(RunStream Stream, DateTimeOffset EndedAt, long Bytes)> _ended = new();
    private long _endedBytes;
    private readonly Dictionary<ThreadId, ThreadLog> _threads = [];

    /// <summary>The memory in bytes that the logs of ended runs count for.</summary>
    internal long EndedBytes
    {
        get
        {
            lock (_lock)
            {
                return _endedBytes;
            }
        }
    }

    internal RunStreams(
        IStreamEventStore store,
        ICheckpointStore checkpoints,
        ThreadHeadCache heads,
        AssistantDirectory assistants,
        RunsOptions options,
        TimeProvider time)
    {
        _store = store;
        _checkpoints = checkpoints;
        _heads = heads;
        _assistants = assistants;
        _options = options;
        _time = time;
    }

    internal RunStream Create(RunRecord run, RunSpec spec)
    {
        var store = spec.StreamResumable ? StoredStreamOf(run) : null;
        var stream = new RunStream(run.RunId, run.ThreadId, spec.StreamModes, _options, store: store) { StartOrder = run.StartOrder };
        _streams[run.RunId] = stream;
        return stream;
    }

    /// <summary>Adds the log of a run that starts to the log of its thread.</summary>
    internal void Begin(RunStream stream)
    {
        IThreadFollower[] followers;
        lock (_lock)
        {
            followers = LogOf(stream.ThreadId).Add(stream);
        }

        foreach (var follower in followers)
        {
            follower.RunStarted();
        }
    }

    /// <summary>Starts to follow a thread.</summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="resumed">The log that the reader was reading, and the last event of it that the reader has.</param>
    /// <param name="startOrder">
    /// Reads what follows this run, and what is new of a run that executes; null reads all events that are kept. Without effect if
    /// <paramref name="resumed"/> is given.
    /// </param>
    /// <param name="modes">As <see cref="RunStream.Read"/>.</param>
    internal ThreadStreamReader Follow(
        ThreadId threadId, (RunStream Stream, long After)? resumed, long? startOrder, IReadOnlyList<string>? modes)
    {
        lock (_lock)
        {
            var log = LogOf(threadId);
            ThreadStreamReader follower;
            if (resumed is { } given)
            {
                var reader = given.Stream.Read(given.After, modes);
                follower = new ThreadStreamReader(this, threadId, reader, given.Stream, given.Stream.StartOrder);
            }
            else if (startOrder is not { } after)
            {
                follower = new ThreadStreamReader(this, threadId, null, null, 0);
            }
            else
            {
                var newest = log.Newest;
                var reader = newest is { HasEnded: false } ? newest.Read(newest.NextSeq - 1, modes) : null;
                follower = new ThreadStreamReader(this, threadId, reader, log.Last, Math.Max(after, newest?.StartOrder ?? 0));
            }

            log.Add(follower);
            return follower;
        }
    }

    /// <summary>Starts to read the log of a thread.</summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="after">The number of the last event that the reader has.</param>
    internal ThreadLogReader FollowLog(ThreadId threadId, long after)
    {
        var follower = new ThreadLogReader(this, threadId, after);
        lock (_lock)
        {
            LogOf(threadId).Add(follower);
        }

        return follower;
    }

    internal void Unfollow(IThreadFollower follower)
    {
        lock (_lock)
        {
            if (_threads.TryGetValue(follower.ThreadId, out var log))
            {
                log.Remove(follower);
                RemoveIfEmpty(follower.ThreadId, log);
            }
        }
    }

    /// <summary>Whether a reader wants all events of the thread.</summary>
    internal bool IsFollowed(ThreadId threadId)
    {
        lock (_lock)
        {
            return _threads.TryGetValue(threadId, out var log) && log.IsFollowed;
        }
    }

    /// <summary>
    /// Returns the number of the newest event of a run in the log of its thread; null if the log of the run is not in memory.
    /// </summary>
    internal long? FindLastSeq(ThreadId threadId, long startOrder)
    {
        lock (_lock)
        {
            return _threads.TryGetValue(threadId, out var log) && log.Find(startOrder) is { } found
                ? ThreadLog.SeqOf(startOrder, found.NextSeq - 1)
                : null;
        }
    }

    /// <summary>Returns the log of the run of a thread that started next after another; null if none is in memory.</summary>
    internal RunStream? FindNext(ThreadId threadId, long startOrder)
    {
        lock (_lock)
        {
            return _threads.TryGetValue(threadId, out var log) ? log.FindNext(startOrder) : null;
        }
    }

    /// <summary>As <see cref="FindNext(ThreadId, long)"/>, with the logs of runs that ended without having started.</summary>
    internal async ValueTask<RunStream?> FindNextAsync(
        ThreadId threadId, RunStream? last, long startOrder, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_threads.TryGetValue(threadId, out var log)
                && log.FindNext(last, startOrder) is { } next
                && next.StartOrder <= startOrder + 1)
            {
                return next;
            }
        }

        return await FindNextAsync(threadId, startOrder, cancellationToken);
    }

    /// <summary>
    /// Returns the log of the run of a thread that started next after another, from memory or from the store; null if none has
    /// started since.
    /// </summary>
    internal async ValueTask<RunStream?> FindNextAsync(ThreadId threadId, long startOrder, CancellationToken cancellationToken)
    {
        var next = FindNext(threadId, startOrder);
        if (next?.StartOrder == startOrder + 1)
        {
            return next;
        }

        // The logs in between have been evicted, or were in the memory of a server that has ended since.
        var stored = await _store.FindNextRunAsync(threadId, startOrder, cancellationToken);
        next = FindNext(threadId, startOrder);
        if (stored is null || stored.StartOrder >= next?.StartOrder)
        {
            return next;
        }

        // An unfinished run that no server executes begins its log again when it is taken over.
        return stored.Status is RunStatus.Pending or RunStatus.Running
            ? _streams.TryGetValue(stored.RunId, out var live) && !live.IsAbandoned ? live : null
            : await OpenAsync(stored, cancellationToken);
    }

    /// <summary>Reopens the log of a run that is taken over.</summary>
    internal async Task<RunStream> ReopenAsync(RunRecord run, RunSpec spec, CancellationToken cancellationToken)
    {
        var stream = await LoadAsync(run, spec, cancellationToken);
        _streams[run.RunId] = stream;
        return stream;
    }

    /// <summary>
    /// Returns the log of a run, from memory or as far as it is stored. The log of an ended run always has a last event.
    /// </summary>
    internal async ValueTask<RunStream> OpenAsync(RunRecord run, CancellationToken cancellationToken)
    {
        if (_streams.TryGetValue(run.RunId, out var stream))
        {
            return stream;
        }

        var spec = SpecOf(run);
        var loaded = await LoadAsync(run, spec, cancellationToken);
        if (spec.StreamResumable && run.Attempt > 0 && loaded.NextSeq == 0)
        {
            // Each attempt stores events, so they have been removed. The number of the end is above all that a reader may have.
            var firstSeq = RunStream.FirstSeqOf(run.Attempt + 1);
            loaded = new RunStream(run.RunId, run.ThreadId, spec.StreamModes, _options, firstSeq)
            {
                StartOrder = run.StartOrder,
                WasRemoved = true,
            };
        }

        if (!loaded.HasEnded)
        {
            loaded.Append(new RunEndPart(run.RunId, run.Status), run.UpdatedAt);
        }

        return loaded;
    }

    /// <summary>Keeps the log of an ended run for a limited time, and evicts the oldest logs.</summary>
    internal void Retire(RunStream stream)
    {
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            var bytes = stream.Bytes;
            _ended.AddLast((stream, now, bytes));
            _endedBytes += bytes;
            RemoveOld(now);
        }
    }

    /// <summary>Evicts logs whose time is over. It is called at intervals, for the times when no run ends.</summary>
    internal void Sweep()
    {
        lock (_lock)
        {
            RemoveOld(_time.GetUtcNow());
        }
    }

    /// <summary>Removes the log of a deleted run. Its readers can continue to read it.</summary>
    internal void Remove(RunId runId)
    {
        if (_streams.TryRemove(runId, out var stream))
        {
            RemoveEnded(ended => ended == stream);
            lock (_lock)
            {
                RemoveFromThread(stream);
            }
        }
    }

    /// <summary>Removes the logs of a deleted thread, whose runs have all ended.</summary>
    internal void RemoveEnded(ThreadId threadId)
    {
        RemoveEnded(ended => ended.ThreadId == threadId);
        IThreadFollower[] followers;
        lock (_lock)
        {
            followers = _threads.TryGetValue(threadId, out var log) ? log.Followers() : [];
        }

        foreach (var follower in followers)
        {
            follower.ThreadDeleted();
        }
    }

    private void RemoveEnded(Func<RunStream, bool> predicate)
    {
        lock (_lock)
        {
            for (var node = _ended.First; node is not null;)
            {
                var next = node.Next;
                if (predicate(node.Value.Stream))
                {
                    RemoveEnded(node);
                }

                node = next;
            }
        }
    }

    /// <summary>Evicts the oldest logs until the others are within the limits. The caller holds the lock.</summary>
    private void RemoveOld(DateTimeOffset now)
    {
        while (_ended.First is { } oldest
            && (_ended.Count > _options.EndedStreamsMax
                || _endedBytes > _options.EndedStreamsBytesMax
                || now - oldest.Value.EndedAt > _options.EndedStreamRetention))
        {
            RemoveEnded(oldest);
        }
    }

    private void RemoveEnded(LinkedListNode<(RunStream Stream, DateTimeOffset EndedAt, long Bytes)> node)
    {
        _ended.Remove(node);
        _endedBytes -= node.Value.Bytes;
        _streams.TryRemove(new(node.Value.Stream.RunId, node.Value.Stream));
        RemoveFromThread(node.Value.Stream);
    }

    /// <summary>The caller holds the lock.</summary>
    private ThreadLog LogOf(ThreadId threadId)
    {
        if (!_threads.TryGetValue(threadId, out var log))
        {
            _threads[threadId] = log = new ThreadLog();
        }

        return log;
    }

    /// <summary>The caller holds the lock.</summary>
    private void RemoveFromThread(RunStream stream)
    {
        if (_threads.TryGetValue(stream.ThreadId, out var log))
        {
            log.Remove(stream);
            RemoveIfEmpty(stream.ThreadId, log);
        }
    }

    /// <summary>The caller holds the lock.</summary>
    private void RemoveIfEmpty(ThreadId threadId, ThreadLog log)
    {
        if (log.IsEmpty)
        {
            _threads.Remove(threadId);
        }
    }

    private static RunSpec SpecOf(RunRecord run)
    {
        try
        {
            return RunKwargs.Read(run);
        }
        catch (UnreadableRunException)
        {
            // The run has no log, but it has an end.
            return new RunSpec { AssistantId = run.AssistantId };
        }
    }

    private async Task<RunStream> LoadAsync(RunRecord run, RunSpec spec, CancellationToken cancellationToken)
    {
        if (!spec.StreamResumable)
        {
            var firstSeq = RunStream.FirstSeqOf(run.Attempt + 1);
            return new RunStream(run.RunId, run.ThreadId, spec.StreamModes, _options, firstSeq) { StartOrder = run.StartOrder };
        }

        // Events are published only after they are stored, so the numbers continue.
        var stored = StoredStreamOf(run);
        var stream = new RunStream(run.RunId, run.ThreadId, spec.StreamModes, _options, store: stored) { StartOrder = run.StartOrder };
        for (long after = -1; ;)
        {
            var page = await stored.ReadAsync(after, PageSize, cancellationToken);
            if (after < 0 && page.Count > 0)
            {
                stream.SkipTo(page[0].Seq);
            }

            foreach (var read in page)
            {
                stream.Append(read.Part, read.CreatedAt);
                after = read.Seq;
            }

            if (page.Count == 0)
            {
                return stream;
            }
        }
    }

    private StoredStream StoredStreamOf(RunRecord run) =>
        new(_store, _checkpoints, _heads, run.Key, () => _assistants.GraphOf(run)?.Schema);
}
