using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Writes what a graph streams to the run's log. Events of a resumable run, and of one that a reader of the thread's log has seen, are
/// stored before they are published, so that every event that a reader has received is still available after a crash.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="store">Stores the events of a resumable run.</param>
/// <param name="findHead">
/// Returns the newest checkpoint of the thread's root graph. The parts of its state that streams show are not stored again.
/// </param>
/// <param name="pace">When events are stored.</param>
/// <param name="options">The limits.</param>
/// <param name="time">The clock.</param>
internal sealed class RunSink(
    ActiveRun run, IStreamEventStore store, Func<Checkpoint?> findHead, StoragePace pace, RunsOptions options, TimeProvider time)
    : IStreamSink
{
    private readonly Lock _lock = new();

    // Held from taking events, or from encoding a checkpoint, until the store has them in line. It is taken before the other lock.
    private readonly Lock _order = new();
    private BlockEncoder? _encoder;
    private List<Unsaved> _unsaved = [];
    private long _unsavedBytes;
    private long _added;
    private long _taken;
    private long _nextSeq = run.Stream.NextSeq;

    // Events that readers have already, and that are to be stored before all others.
    private List<RunEvent> _published = [];
    private volatile StreamMode _moreModes;
    private Task _saving = Task.CompletedTask;

    // Whether a loop stores events.
    private bool _isSaving;

    // What is being stored, with whether that succeeds; null if nothing is.
    private TaskCompletionSource<bool>? _batch;

    // Whether the loop must take no more, and whether the sink takes no more.
    private bool _isClosing;
    private bool _isClosed;

    /// <summary>How many events were emitted.</summary>
    public long Added => Interlocked.Read(ref _added);

    /// <summary>The modes that readers of the thread's log need, added to those of the run.</summary>
    public StreamMode MoreModes => _moreModes;

    /// <summary>Whether events are stored.</summary>
    public bool Stores => run.Stream.Store is not null;

    public void Emit(StreamPart part)
    {
        if (Stores || !run.Stream.TryAppend(part, time.GetUtcNow()))
        {
            Save(part);
        }
    }

    /// <summary>
    /// Lets the log have what readers of the thread's log see, and stores it: from now on, and what it has so far, because such a
    /// reader must find again what it has seen. Returns when that is stored, or can't be now.
    /// </summary>
    /// <param name="modes">What they see.</param>
    /// <param name="stored">Makes what reads the stored events.</param>
    public Task KeepAsync(StreamMode modes, Func<RunRecord, StoredStream> stored)
    {
        if (!Stores)
        {
            // Most of them now, because the run waits while the others are taken.
            run.Stream.CopyEvents().ForEach(static known => known.TryEncode());
        }

        lock (_order)
        {
            TaskCompletionSource<bool>? batch = null;
            lock (_lock)
            {
                _moreModes |= modes;
                if (!_isClosed && run.Stream.BeginStoring(stored(run.Record)) is { } published)
                {
                    _nextSeq = run.Stream.NextSeq;
                    _published = published.FindAll(static known => known.TryEncode());
                    _batch = batch = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }

            if (batch is not null)
            {
                _ = CompleteAsync(batch);
            }

            return Batch() ?? Task.CompletedTask;
        }
    }

    /// <summary>
    /// Begins a write of the thread that takes effect after the first events of the run: an attempt that continues from a stored
    /// superstep does not emit the events of that superstep again. Returns when it has begun.
    /// </summary>
    /// <param name="count">How many events.</param>
    /// <param name="write">Begins the write.</param>
    /// <exception cref="StaleAttemptException">The attempt no longer owns the run.</exception>
    public async Task<Task> BeginWriteAsync(long count, Func<Task> write)
    {
        for (var hasWaited = false; ; hasWaited = true)
        {
            Task? stored;
            lock (_order)
            {
                if (IsTaken(count) || (hasWaited && TryBegin()))
                {
                    return write();
                }

                stored = Batch();
            }

            if (stored is null)
            {
                // The run goes on meanwhile. What short supersteps emit and store is then one block and one commit.
                await Task.Yield();
            }
            else
            {
                await stored;
            }
        }
    }

    /// <summary>
    /// Waits for the events that are being saved and returns the remaining ones, to be saved and published with the end of the
    /// run. Later events, for example of a node that ignores its cancellation, are dropped.
    /// </summary>
    public async Task<IReadOnlyList<RunEvent>> TakeUnsavedAsync()
    {
        while (true)
        {
            Task stored;
            lock (_lock)
            {
                // A loop that waits for its moment finds the sink closed.
                if (_batch is null)
                {
                    _isClosed = true;
                    return Numbered(_unsaved);
                }

                _isClosing = true;
                stored = _batch.Task;
            }

            await stored;
        }
    }

    /// <summary>
    /// Returns the stored form of events, after those that readers have already and that could not be stored before. Only one caller at
    /// a time has events to store.
    /// </summary>
    public IReadOnlyList<StreamBlock> ToBlocks(IReadOnlyList<RunEvent> events) => ToBlocks(_published, events);

    /// <summary>
    /// The states of what was published before are stored whole: they must not depend on a checkpoint whose write is not in line yet.
    /// </summary>
    private IReadOnlyList<StreamBlock> ToBlocks(List<RunEvent> published, IReadOnlyList<RunEvent> events)
    {
        var blocks = (_encoder ??= new BlockEncoder(new ValueEncoder(findHead))).Encode(events);
        return published.Count == 0 ? blocks : [.. new BlockEncoder(new ValueEncoder(static () => null)).Encode(published), .. blocks];
    }

    private void Save(StreamPart part)
    {
        Task saving;
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            _unsaved.Add(new Unsaved(part, time.GetUtcNow()));
            _added++;
            _unsavedBytes += RunEvent.OwnBytes + part.CostBytes;
            if (!_isSaving)
            {
                // While one batch is committed, the next one is collected.
                _isSaving = true;
                _saving = SaveAsync();
            }

            if (_unsavedBytes <= options.UnsavedBytesMax)
            {
                return;
            }

            saving = _saving;
        }

        // Code that streams faster than the database can store waits here, because it can't await in the middle of a node. The
        // stop of the run ends the wait.
        PoolThread.WaitFor(saving);
    }

    /// <summary>Stores events at the moments of the pace until none is left.</summary>
    private async Task SaveAsync()
    {
        while (true)
        {
            // The first caller holds the lock, so it never goes on at once.
            await pace.NextAsync().ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            Task<bool>? stored;
            lock (_order)
            {
                _ = TryBegin();
                stored = Batch();
            }

            if (stored is not null)
            {
                await ((Task)stored).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            lock (_lock)
            {
                var isStored = stored is null || (stored.IsCompletedSuccessfully && stored.Result);
                _isSaving = isStored && _unsaved.Count > 0 && !_isClosing && !_isClosed;
                if (!_isSaving)
                {
                    return;
                }
            }
        }
    }

    /// <summary>
    /// Begins to store what is unsaved; false if nothing is, or if other events are being stored. The caller holds the order.
    /// </summary>
    private bool TryBegin()
    {
        TaskCompletionSource<bool> batch;
        lock (_lock)
        {
            if (_batch is not null || (_unsaved.Count == 0 && _published.Count == 0) || _isClosed)
            {
                return false;
            }

            _batch = batch = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = CompleteAsync(batch);
        return true;
    }

    private Task<bool>? Batch()
    {
        lock (_lock)
        {
            return _batch?.Task;
        }
    }

    private bool IsTaken(long count)
    {
        lock (_lock)
        {
            return (_taken >= count && _published.Count == 0) || _isClosed;
        }
    }

    private async Task CompleteAsync(TaskCompletionSource<bool> batch)
    {
        try
        {
            batch.SetResult(await StoreAsync(Take()));
        }
        catch (Exception e)
        {
            // No more events are taken. The end of the run reports it, or the next write of the thread.
            lock (_lock)
            {
                _isClosed = true;
                _unsaved = [];
            }

            batch.SetException(e);
            _ = batch.Task.Exception;
        }
    }

    /// <summary>Takes what is unsaved and passes it to the store. The caller holds the order.</summary>
    private Taken Take()
    {
        List<Unsaved> parts;
        List<RunEvent> published;
        lock (_lock)
        {
            (parts, _unsaved) = (_unsaved, []);
            (published, _published) = (_published, []);
            _unsavedBytes = 0;
            _taken += parts.Count;
        }

        var first = _nextSeq;
        var events = Numbered(parts);
        return new Taken(published, parts, first, events, AppendAsync(published, events));
    }

    private async Task AppendAsync(List<RunEvent> published, List<RunEvent> events) =>
        await store.AppendAsync(run.AsAttempt, ToBlocks(published, events), CancellationToken.None);

    /// <summary>Waits until events are stored, and publishes them; false if they can't be stored now.</summary>
    private async Task<bool> StoreAsync(Taken taken)
    {
        for (var backoff = new Backoff(time); ;)
        {
            try
            {
                await taken.Write;
                break;
            }
            catch (Exception e) when (e is not StaleAttemptException)
            {
                // The events are not lost. If storage is unavailable for a moment, this waits for it. Otherwise the next event
                // tries again, and at the latest the end of the run saves the rest.
                var isRepeated = StorageRetry.IsTransient(e) && !run.StopToken.IsCancellationRequested;
                PutBack(taken, isRepeated);
                if (!isRepeated)
                {
                    return false;
                }

                await backoff.WaitAsync(run.StopToken);
                lock (_order)
                {
                    taken = Take();
                }
            }
        }

        if (taken.Published.Count > 0)
        {
            run.Stream.IsStoredWhole = true;
        }

        run.Stream.Append(taken.Events);
        lock (_lock)
        {
            _batch = null;
        }

        return true;
    }

    /// <summary>Puts events that could not be saved back in front of those that have been added since.</summary>
    private void PutBack(Taken taken, bool isRepeated)
    {
        lock (_lock)
        {
            _published = taken.Published;
            _unsaved = [.. taken.Parts, .. _unsaved];
            _unsavedBytes = _unsaved.Sum(unsaved => (long)RunEvent.OwnBytes + unsaved.Part.CostBytes);
            _taken -= taken.Parts.Count;
            _nextSeq = taken.First;
            _batch = isRepeated ? _batch : null;
        }
    }

    /// <summary>
    /// Numbers the events that can be encoded. Only one caller at a time takes unsaved events, and in their order.
    /// </summary>
    private List<RunEvent> Numbered(List<Unsaved> unsaved)
    {
        var numbered = new List<RunEvent>(unsaved.Count);
        foreach (var (part, createdAt) in unsaved)
        {
            var added = new RunEvent(_nextSeq, part, createdAt);
            if (added.TryEncode())
            {
                numbered.Add(added);
                _nextSeq++;
            }
        }

        return numbered;
    }

    private readonly record struct Unsaved(StreamPart Part, DateTimeOffset CreatedAt);

    private readonly record struct Taken(List<RunEvent> Published, List<Unsaved> Parts, long First, List<RunEvent> Events, Task Write);
}
