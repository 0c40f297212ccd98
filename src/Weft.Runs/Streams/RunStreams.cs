using System.Collections.Concurrent;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The event logs of the runs on this server: those of unfinished runs, and for a limited time those of ended runs.
/// </summary>
public sealed class RunStreams
{
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

    /// <summary>The logs of the threads, which consist of those of their runs.</summary>
    internal ThreadLogs Threads { get; } = new();

    /// <summary>Whether another server may have the log of an ended run in its memory.</summary>
    internal Func<RunRecord, bool> IsElsewhere { get; set; } = static _ => false;

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

    /// <summary>Creates the log of a new run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="spec">What the run does.</param>
    /// <param name="thread">The thread, if the run creates it.</param>
    internal RunStream Create(RunRecord run, RunSpec spec, ThreadRecord? thread)
    {
        var store = spec.StreamResumable ? StoredStreamOf(run) : null;
        var stream = new RunStream(run.RunId, run.ThreadId, spec.StreamModes, _options, store: store)
        {
            StartOrder = run.StartOrder,
            Owner = run.Owner,
            FeedbackKeys = spec.FeedbackKeys,
            ThreadMetadata = spec.KeepThread ? null : thread?.Metadata,
        };
        _streams[run.RunId] = stream;
        return stream;
    }

    /// <summary>
    /// Returns the log of a run whose thread was deleted with its end, as long as the log is in memory; null if there is none that the
    /// actor may see. An actor that could see the run when it was created can see its log.
    /// </summary>
    internal RunStream? FindOutliving(Actor actor, RunId runId) =>
        _streams.TryGetValue(runId, out var stream)
        && stream.OutlivesThread && stream.Owner == actor.Id
        && (actor.Scope is null || (stream.ThreadMetadata is { } metadata && actor.SeesThread(metadata)))
            ? stream
            : null;

    /// <summary>Returns what is known of a run whose thread was deleted with its end.</summary>
    internal static RunRecord RecordOf(Actor actor, RunId runId, ThreadId threadId) => new()
    {
        RunId = runId,
        ThreadId = threadId,
        Owner = actor.Id,
        AssistantId = default,
        Status = RunStatus.Success,
        Kwargs = default,
        CreatedAt = default,
        UpdatedAt = default,
    };

    /// <summary>Returns the log of a run if it is in memory.</summary>
    internal RunStream? Find(RunId runId) => _streams.GetValueOrDefault(runId);

    /// <summary>Adds an empty copy of a log that another server has.</summary>
    /// <param name="info">The log.</param>
    /// <param name="run">The run.</param>
    internal RunStream CreateCopy(RunLogInfo info, RunRecord run)
    {
        var store = info.IsStored ? StoredStreamOf(run) : null;
        var stream = new RunStream(info.RunId, info.ThreadId, info.Modes, _options, info.FirstSeq, store)
        {
            StartOrder = info.StartOrder,
            Owner = run.Owner,
            FeedbackKeys = info.FeedbackKeys,
            HasBeenRead = info.HasBeenRead,
            IsCopy = true,
        };
        // Stored events are read from the store when somebody wants them.
        stream.SkipTo(store is null ? info.OldestSeq : info.NextSeq);
        _streams[info.RunId] = stream;
        return stream;
    }

    /// <summary>Removes a log if it still is the run's.</summary>
    internal void Remove(RunStream stream)
    {
        if (_streams.TryRemove(new(stream.RunId, stream)))
        {
            RemoveEnded(ended => ended == stream);
        }

        Threads.Remove(stream);
    }

    /// <summary>Starts to follow a thread.</summary>
    /// <param name="owner">The actor that the thread belongs to.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="resumed">The log that the reader was reading, and the last event of it that the reader has.</param>
    /// <param name="startOrder">
    /// Reads what follows this run, and what is new of a run that executes; null reads all events that are kept. Without effect if
    /// <paramref name="resumed"/> is given.
    /// </param>
    /// <param name="modes">As <see cref="RunStream.Read"/>.</param>
    internal ThreadStreamReader Follow(
        string owner,
        ThreadId threadId,
        (RunStream Stream, long After)? resumed,
        long? startOrder,
        IReadOnlyList<string>? modes) =>
        Threads.Follow(threadId, log =>
        {
            if (resumed is { } given)
            {
                var reader = given.Stream.Read(given.After, modes);
                if (given.Stream.WasForgotten && given.After < given.Stream.FirstSeq)
                {
                    reader.AddGap();
                }

                return new ThreadStreamReader(this, owner, threadId, reader, given.Stream, given.Stream.StartOrder);
            }

            if (startOrder is not { } after)
            {
                return new ThreadStreamReader(this, owner, threadId, null, null, 0);
            }

            var newest = log.Newest;
            var first = newest is { HasEnded: false } ? newest.Read(newest.NextSeq - 1, modes) : null;
            return new ThreadStreamReader(this, owner, threadId, first, log.Last, Math.Max(after, newest?.StartOrder ?? 0));
        });

    /// <summary>
    /// Whether the events of a run that begins are kept although it was not created for that: a reader follows the thread, or the
    /// events of an earlier attempt are stored.
    /// </summary>
    internal bool IsKept(ActiveRun run) =>
        Threads.IsFollowed(run.ThreadId) || (run.Stream.Store is not null && !run.Spec.StreamResumable);

    /// <summary>
    /// Lets the unfinished runs of a thread store their events, because a reader follows it. Returns when those that it may see are
    /// stored.
    /// </summary>
    internal async Task KeepAsync(ThreadId threadId)
    {
        foreach (var run in Threads.List(threadId, 0))
        {
            if (run is { HasEnded: false, Sink: { } sink })
            {
                // It fails if another server has the run now. Its events come from there.
                await sink.KeepAsync(StreamModes.OfThreadsInTheMiddle, StoredStreamOf)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Starts to read the log of a thread.</summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="after">The number of the last event that the reader has.</param>
    internal ThreadLogReader FollowLog(ThreadId threadId, long after) =>
        Threads.Follow(threadId, _ => new ThreadLogReader(this, threadId, after));

    /// <summary>
    /// As <see cref="FindNextAsync(ThreadId, long, CancellationToken)"/>, with the logs of runs that ended without having started.
    /// </summary>
    internal async ValueTask<RunStream?> FindNextAsync(
        ThreadId threadId, RunStream? last, long startOrder, CancellationToken cancellationToken)
    {
        if (Threads.FindNext(threadId, last, startOrder) is { } next && next.StartOrder <= startOrder + 1)
        {
            return next;
        }

        return await FindNextAsync(threadId, startOrder, cancellationToken);
    }

    /// <summary>
    /// Returns the log of the run of a thread that started next after another, from memory or from the store; null if none has
    /// started since.
    /// </summary>
    internal async ValueTask<RunStream?> FindNextAsync(ThreadId threadId, long startOrder, CancellationToken cancellationToken)
    {
        var next = Threads.FindNext(threadId, startOrder);
        if (next?.StartOrder == startOrder + 1)
        {
            return next;
        }

        // The logs in between have been evicted, or were in the memory of a server that has ended since.
        var stored = await _store.FindNextRunAsync(threadId, startOrder, cancellationToken);
        next = Threads.FindNext(threadId, startOrder);
        if (stored is null || stored.StartOrder >= next?.StartOrder)
        {
            return next;
        }

        // An unfinished run that no server executes begins its log again when it is taken over.
        if (stored.Status is RunStatus.Pending or RunStatus.Running)
        {
            return _streams.TryGetValue(stored.RunId, out var live) && !live.IsAbandoned ? live : null;
        }

        var opened = await OpenAsync(stored, cancellationToken);
        // The copy of a log that another server has comes soon.
        return opened.WasForgotten && IsElsewhere(stored) ? next : opened;
    }

    /// <summary>Reopens the log of a run that is taken over.</summary>
    internal async Task<RunStream> ReopenAsync(RunRecord run, RunSpec spec, CancellationToken cancellationToken)
    {
        var stream = await LoadAsync(run, spec, cancellationToken);
        _streams[run.RunId] = stream;
        return stream;
    }

    /// <summary>
    /// Continues a log behind the last stored event of its run. A later attempt does so after its start, because the earlier one may
    /// have stored events until then; their numbers must not be used again.
    /// </summary>
    internal async Task CatchUpAsync(RunStream stream, RunKey run, CancellationToken cancellationToken)
    {
        if (stream.Store is { } stored && await _store.FindLastSeqAsync(run, cancellationToken) is { } last && last >= stream.NextSeq)
        {
            stream.SkipTo(last);
            stream.Append(await stored.ReadAsync(last - 1, 1, cancellationToken));
        }
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
        if (run.Attempt > 0 && loaded is { HasEnded: false, FirstSeqInMemory: null })
        {
            // They have been removed, or were not stored. The number of the end is above all that a reader may have.
            var firstSeq = RunStream.FirstSeqOf(run.Attempt + 1);
            loaded = new RunStream(run.RunId, run.ThreadId, spec.StreamModes, _options, firstSeq)
            {
                StartOrder = run.StartOrder,
                Owner = run.Owner,
                FeedbackKeys = spec.FeedbackKeys,
                WasRemoved = spec.StreamResumable,
                WasForgotten = !spec.StreamResumable,
            };
        }

        if (!loaded.HasEnded)
        {
            loaded.Append(new RunEndPart(run.RunId, run.Status) { GraphId = RunMetadata.FindGraphId(run) }, run.UpdatedAt);
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
            Threads.Remove(stream);
        }
    }

    /// <summary>Removes the logs of a deleted thread, whose runs have all ended.</summary>
    internal void RemoveEnded(ThreadId threadId)
    {
        RemoveEnded(ended => ended.ThreadId == threadId);
        Threads.Delete(threadId);
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
        Threads.Remove(node.Value.Stream);
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
        if (!spec.StreamResumable && (run.Attempt == 0 || await _store.FindLastSeqAsync(run.Key, cancellationToken) is null))
        {
            var firstSeq = RunStream.FirstSeqOf(run.Attempt + 1);
            return new RunStream(run.RunId, run.ThreadId, spec.StreamModes, _options, firstSeq)
            {
                StartOrder = run.StartOrder,
                Owner = run.Owner,
                FeedbackKeys = spec.FeedbackKeys,
            };
        }

        // Events are published only after they are stored, so the numbers continue. Readers get those before the last one from
        // the store.
        var stored = StoredStreamOf(run);
        var stream = new RunStream(run.RunId, run.ThreadId, spec.StreamModes, _options, store: stored)
        {
            StartOrder = run.StartOrder,
            Owner = run.Owner,
            FeedbackKeys = spec.FeedbackKeys,
        };
        await CatchUpAsync(stream, run.Key, cancellationToken);
        return stream;
    }

    /// <summary>Makes what reads the stored events of a run.</summary>
    internal StoredStream StoredStreamOf(RunRecord run) =>
        new(_store, _checkpoints, _heads, run.Key, () => _assistants.GraphOf(run)?.Schema);
}
