using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Takes what a graph streams into the run's log. What a resumable run streams goes into the database first: whoever was told
/// of an event finds it there after a crash.
/// </summary>
internal sealed class RunSink(ActiveRun run, IStreamEventStore store, TimeProvider time) : IStreamSink
{
    private readonly Lock _lock = new();
    private List<RunEvent> _unsaved = [];
    private long _nextSeq = run.Stream.NextSeq;
    private Task _saving = Task.CompletedTask;
    private bool _isSaving;

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

    /// <summary>Waits for what is being saved and returns what is not yet, to be saved and told with the end of the run.</summary>
    public async Task<IReadOnlyList<RunEvent>> TakeUnsavedAsync()
    {
        Task saving;
        lock (_lock)
        {
            saving = _saving;
        }

        await saving;
        lock (_lock)
        {
            var left = _unsaved;
            _unsaved = [];
            return left;
        }
    }

    public static IReadOnlyList<StreamEventRecord> ToRecords(IEnumerable<RunEvent> events) =>
        [.. events.Where(added => added.TryEncode()).Select(added => new StreamEventRecord(added.Seq, added.Name, added.Payload.Utf8, added.CreatedAt))];

    private void Save(string name, StreamPayload payload)
    {
        lock (_lock)
        {
            _unsaved.Add(new RunEvent(_nextSeq++, name, payload, time.GetUtcNow()));
            if (!_isSaving)
            {
                // While one batch commits the next one gathers.
                _isSaving = true;
                _saving = SaveAsync();
            }
        }
    }

    private async Task SaveAsync()
    {
        await Task.Yield();
        while (true)
        {
            List<RunEvent> batch;
            lock (_lock)
            {
                if (_unsaved.Count == 0)
                {
                    _isSaving = false;
                    return;
                }

                batch = _unsaved;
                _unsaved = [];
            }

            try
            {
                await store.AppendAsync(new RunAttempt(run.RunId, run.Attempt), ToRecords(batch), CancellationToken.None);
            }
            catch (Exception e) when (e is not StaleAttemptException)
            {
                // Not lost: the next event tries again, and at the latest the end of the run saves what is left.
                lock (_lock)
                {
                    _unsaved = [.. batch, .. _unsaved];
                    _isSaving = false;
                    return;
                }
            }

            run.Stream.Append(batch);
        }
    }
}
