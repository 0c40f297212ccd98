using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Writes what a graph streams to the run's log. Events of a resumable run are stored before they are published, so that every
/// event that a reader has received is still available after a crash.
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

    // Held from taking a batch until the store has it in line. It is taken before the other lock.
    private readonly Lock _order = new();
    private readonly BlockEncoder _encoder = new(new SharedStates(findHead));
    private List<Unsaved> _unsaved = [];
    private long _unsavedBytes;
    private long _nextSeq = run.Stream.NextSeq;

    // Whether a loop stores events, and until when.
    private bool _isSaving;
    private Task _saving = Task.CompletedTask;

    // The batch that is being stored, with whether that succeeds; null if there is none.
    private TaskCompletionSource<bool>? _batch;

    // Whether the loop must take no more, and whether the sink takes no more.
    private bool _isClosing;
    private bool _isClosed;

    public void Emit(StreamPart part)
    {
        if (run.Spec.StreamResumable)
        {
            Save(part);
        }
        else
        {
            run.Stream.Append(part, time.GetUtcNow());
        }
    }

    /// <summary>
    /// Passes what was emitted before to the store, so that the next write of the thread takes effect after it. An attempt that
    /// continues from a stored superstep does not emit the events of that superstep again.
    /// </summary>
    /// <exception cref="StaleAttemptException">The attempt no longer owns the run.</exception>
    public async ValueTask PassOnAsync()
    {
        while (run.Spec.StreamResumable)
        {
            Task stored;
            lock (_order)
            {
                _ = TryBegin(isRepetition: false);
                lock (_lock)
                {
                    if (_unsaved.Count == 0 || _isClosed || _batch is null)
                    {
                        return;
                    }

                    stored = _batch.Task;
                }
            }

            await stored;
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
                // A loop that waits for its moment finds the run closed.
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

    /// <summary>Returns the stored form of events. Only one caller at a time has events to store.</summary>
    public IReadOnlyList<StreamBlock> ToBlocks(IReadOnlyList<RunEvent> events) => _encoder.Encode(events);

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
        await Task.Yield();
        while (true)
        {
            await pace.NextAsync();
            Task<bool>? stored;
            lock (_order)
            {
                stored = TryBegin(isRepetition: false);
            }

            var isStored = stored is null || await stored;
            lock (_lock)
            {
                _isSaving = isStored && _unsaved.Count > 0 && !_isClosing && !_isClosed;
                if (!_isSaving)
                {
                    return;
                }
            }
        }
    }

    /// <summary>
    /// Begins to store what is unsaved. Returns the batch that is being stored; null if there is none. The caller holds the order.
    /// </summary>
    private Task<bool>? TryBegin(bool isRepetition)
    {
        List<Unsaved> taken;
        lock (_lock)
        {
            if (!isRepetition && (_batch is not null || _unsaved.Count == 0 || _isClosed))
            {
                return _batch?.Task;
            }

            _batch ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            (taken, _unsaved) = (_unsaved, []);
            _unsavedBytes = 0;
        }
        return null;
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
}
