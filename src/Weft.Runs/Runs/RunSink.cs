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
    private readonly BlockEncoder _encoder = new(new SharedStates(findHead));
    private List<Unsaved> _unsaved = [];
    private long _unsavedBytes;
    private long _nextSeq = run.Stream.NextSeq;
    private Task _saving = Task.CompletedTask;

    // Whether a loop stores events, and whether it has taken some.
    private bool _isSaving;
    private bool _hasTaken;

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
    /// Waits for the events that are being saved and returns the remaining ones, to be saved and published with the end of the
    /// run. Later events, for example of a node that ignores its cancellation, are dropped.
    /// </summary>
    public async Task<IReadOnlyList<RunEvent>> TakeUnsavedAsync()
    {
        while (true)
        {
            Task saving;
            lock (_lock)
            {
                // A loop that waits for its moment has taken none. It finds the run closed.
                if (!_hasTaken)
                {
                    _isClosed = true;
                    return Numbered(_unsaved);
                }

                _isClosing = true;
                saving = _saving;
            }

            await saving;
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

    private async Task SaveAsync()
    {
        await Task.Yield();
        Backoff? backoff = null;
        while (true)
        {
            if (backoff is null)
            {
                await pace.NextAsync();
            }

            List<Unsaved> batch;
            lock (_lock)
            {
                if (_isClosed)
                {
                    return;
                }

                _hasTaken = true;
                batch = _unsaved;
                _unsaved = [];
                _unsavedBytes = 0;
            }

            var first = _nextSeq;
            var events = Numbered(batch);
            try
            {
                await store.AppendAsync(run.AsAttempt, ToBlocks(events), CancellationToken.None);
            }
            catch (Exception e) when (e is not StaleAttemptException)
            {
                // The events are not lost. If storage is unavailable for a moment, this waits for it. Otherwise the next event
                // tries again, and at the latest the end of the run saves the rest.
                var isRepeated = StorageRetry.IsTransient(e) && !run.StopToken.IsCancellationRequested;
                PutBack(batch, first, isRepeated);
                if (!isRepeated)
                {
                    return;
                }

                backoff ??= new Backoff(time);
                await backoff.WaitAsync(run.StopToken);
                continue;
            }

            backoff = null;
            run.Stream.Append(events);
            lock (_lock)
            {
                _hasTaken = false;
                _isSaving = _unsaved.Count > 0 && !_isClosing;
                if (!_isSaving)
                {
                    return;
                }
            }
        }
    }

    /// <summary>Puts a batch that could not be saved back in front of the events that have been added since.</summary>
    private void PutBack(List<Unsaved> batch, long first, bool isRepeated)
    {
        lock (_lock)
        {
            _unsaved = [.. batch, .. _unsaved];
            _unsavedBytes = _unsaved.Sum(unsaved => (long)RunEvent.OwnBytes + unsaved.Part.CostBytes);
            _nextSeq = first;
            _isSaving = isRepeated;
            _hasTaken = isRepeated;
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
}
