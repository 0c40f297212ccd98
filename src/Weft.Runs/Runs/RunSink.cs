using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Takes what a graph streams into the run's log. What a resumable run streams goes into the database first: whoever was told
/// of an event finds it there after a crash.
/// </summary>
internal sealed class RunSink(ActiveRun run, IStreamEventStore store, RunsOptions options, TimeProvider time) : IStreamSink
{
    // Under this a difference would cost what it saves.
    private const int SharedBytesMin = 256;

    // From here on the state has moved away from its base.
    private const int DifferenceBytesUsual = 8_192;

    private readonly Lock _lock = new();
    private List<Unsaved> _unsaved = [];
    private long _unsavedBytes;
    private StreamBase? _base;
    private long _nextSeq = run.Stream.NextSeq;
    private Task _saving = Task.CompletedTask;
    private bool _isSaving;
    private bool _isClosed;

    /// <summary>Gives the newest checkpoint of the thread's root graph, so that what streams show of its state is not stored again.</summary>
    public Func<Checkpoint?> FindHead { get; set; } = static () => null;

    public void Emit(in StreamPart part) =>
        Append(part.Namespace.Length == 0 ? part.Event : $"{part.Event}|{part.Namespace}", part.Payload);

    public void Append(string name, StreamPayload payload)
    {
        if (run.Spec.StreamResumable)
        {
            Save(name, payload);
        }
        else
        {
            run.Stream.Append(name, payload, time.GetUtcNow());
        }
    }

    /// <summary>
    /// Waits for what is being saved and returns what is not yet, to be saved and told with the end of the run. What comes later,
    /// as from a node that does not heed its cancellation, is told to nobody.
    /// </summary>
    public async Task<IReadOnlyList<RunEvent>> TakeUnsavedAsync()
    {
        while (true)
        {
            Task saving;
            lock (_lock)
            {
                if (!_isSaving)
                {
                    _isClosed = true;
                    return Numbered(_unsaved);
                }

                saving = _saving;
            }

            await saving;
        }
    }

    /// <summary>What is stored of events: of a state only what its checkpoint has not.</summary>
    public IReadOnlyList<StreamEventRecord> ToRecords(IEnumerable<RunEvent> events) => [.. events.Select(added => Shared(ToRecord(added)))];

    public static StreamEventRecord ToRecord(RunEvent added) => new(added.Seq, added.Name, added.Payload.Utf8, added.CreatedAt);

    private StreamEventRecord Shared(StreamEventRecord whole)
    {
        if (whole.Event != "values" || whole.Data.Length < SharedBytesMin)
        {
            return whole;
        }

        var taken = _base?.DifferenceTo(whole.Data.Span);
        if ((taken is null || taken.Value.Length > DifferenceBytesUsual) && FindHead() is { } head && head.Id != _base?.CheckpointId)
        {
            _base = StreamBase.Of(head);
            taken = _base.DifferenceTo(whole.Data.Span);
        }

        return taken is { } difference && difference.Length < whole.Data.Length ? whole with { Data = difference, Base = CheckpointId.Parse(_base!.CheckpointId) } : whole;
    }

    private void Save(string name, StreamPayload payload)
    {
        Task saving;
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            _unsaved.Add(new Unsaved(name, payload, time.GetUtcNow()));
            _unsavedBytes += RunEvent.OwnBytes + payload.CostBytes;
            if (!_isSaving)
            {
                // While one batch commits the next one gathers.
                _isSaving = true;
                _saving = SaveAsync();
            }

            if (_unsavedBytes <= options.UnsavedBytesMax)
            {
                return;
            }

            saving = _saving;
        }

        // Who streams faster than the disk takes it waits for the disk. There is nothing to await in the midst of a node, and
        // the pool puts another thread in the place of one that waits for a task. The stop of the run ends the wait.
        saving.ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
    }

    private async Task SaveAsync()
    {
        await Task.Yield();
        Backoff? backoff = null;
        while (true)
        {
            List<Unsaved> batch;
            lock (_lock)
            {
                if (_unsaved.Count == 0)
                {
                    _isSaving = false;
                    return;
                }

                batch = _unsaved;
                _unsaved = [];
                _unsavedBytes = 0;
            }

            var first = _nextSeq;
            var events = Numbered(batch);
            try
            {
                await store.AppendAsync(run.AsAttempt, ToRecords(events), CancellationToken.None);
            }
            catch (Exception e) when (e is not StaleAttemptException)
            {
                // Not lost: while storage is away for a moment this waits for it. Otherwise the next event tries again, and at
                // the latest the end of the run saves what is left.
                var isRepeated = Patience.IsPassing(e) && !run.StopToken.IsCancellationRequested;
                lock (_lock)
                {
                    _unsaved = [.. batch, .. _unsaved];
                    _unsavedBytes = _unsaved.Sum(unsaved => (long)RunEvent.OwnBytes + unsaved.Payload.CostBytes);
                    _nextSeq = first;
                    _isSaving = isRepeated;
                }

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
        }
    }

    /// <summary>Gives numbers to those that can be told. One at a time takes what is unsaved, in its order.</summary>
    private List<RunEvent> Numbered(List<Unsaved> unsaved)
    {
        var numbered = new List<RunEvent>(unsaved.Count);
        foreach (var (name, payload, createdAt) in unsaved)
        {
            var added = new RunEvent(_nextSeq, name, payload, createdAt);
            if (added.TryEncode())
            {
                numbered.Add(added);
                _nextSeq++;
            }
        }

        return numbered;
    }

    private readonly record struct Unsaved(string Name, StreamPayload Payload, DateTimeOffset CreatedAt);
}
