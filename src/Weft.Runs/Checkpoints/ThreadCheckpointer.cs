using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Keeps one thread's checkpoints in a store, each as what changed against its parent. One run, edit or reader uses it. Without
/// an attempt, as for an edit, what is put is collected until it is applied.
/// </summary>
internal sealed class ThreadCheckpointer(ICheckpointStore store, ThreadHeadCache cache, ThreadId threadId, RunAttempt? attempt = null) : ICheckpointer
{
    private const int PageSizeMax = 25;
    private const long PageBytesMax = 4 * 1024 * 1024;
    private const long DecoderBytesMax = 32 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, Place> _places = new();
    private readonly List<CheckpointRecord> _edited = [];
    private readonly List<TaskOutcomeRecord> _editedOutcomes = [];
    private volatile bool _hasFailed;
    private string? _inputId;

    /// <summary>The newest checkpoint of the root graph that was found or put; null when there was none, or when one could not be stored.</summary>
    public ThreadHead? Head => _hasFailed ? null : PlaceOf("").Head;

    /// <summary>The checkpoint of the root graph that took the run's input in; null when none was put, or one could not be stored.</summary>
    public string? InputId => _hasFailed ? null : _inputId;

    public async ValueTask<CheckpointTuple?> FindAsync(ChannelSchema schema, string checkpointNamespace, string? checkpointId, CancellationToken cancellationToken)
    {
        if (checkpointId is null)
        {
            var head = await FindHeadAsync(schema, checkpointNamespace, cancellationToken);
            return head?.Tuple;
        }

        if (await store.FindAsync(threadId, checkpointNamespace, checkpointId, cancellationToken) is not { } record)
        {
            return null;
        }

        if (await DecodeAsync(NewDecoder(schema, checkpointNamespace), record, cancellationToken) is not { } found)
        {
            return null;
        }

        PlaceOf(checkpointNamespace).States[record.CheckpointId] = found.State;
        return found.Tuple;
    }

    /// <summary>
    /// The newest checkpoint of the root graph; null when there is none, or none that its graph as it is now can read. Whoever
    /// asks for the state is told of that; what is beside the state, such as a list of threads or the end of a run, is not lost for it.
    /// </summary>
    public async ValueTask<CheckpointTuple?> FindReadableAsync(ChannelSchema schema, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAsync(schema, "", null, cancellationToken);
        }
        catch (UnreadableCheckpointException)
        {
            return null;
        }
    }

    /// <summary>As <see cref="FindAsync"/>, with what the tasks did whose superstep has ended since.</summary>
    public async ValueTask<CheckpointTuple?> FindWithResultsAsync(ChannelSchema schema, string checkpointNamespace, string? checkpointId, CancellationToken cancellationToken)
    {
        var tuple = await FindAsync(schema, checkpointNamespace, checkpointId, cancellationToken);
        return tuple is null || checkpointId is null
            ? tuple
            : WithResults(tuple, await store.FindSuccessorAsync(threadId, checkpointNamespace, tuple.Checkpoint.Id, cancellationToken));
    }

    public async IAsyncEnumerable<CheckpointTuple> ReadAsync(
        ChannelSchema schema, string checkpointNamespace, string? before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var decoder = NewDecoder(schema, checkpointNamespace);
        var successors = new Dictionary<string, CheckpointRecord>();
        // The consumer may be slow, so the bytes that are read ahead are bounded. A small first page shows how large bodies are.
        var size = 2;
        while (true)
        {
            var page = await store.ListAsync(threadId, checkpointNamespace, before, size, cancellationToken);
            foreach (var record in page)
            {
                if (record is { ParentId: { } parent, Source: "loop" })
                {
                    successors.TryAdd(parent, record);
                }

                before = record.CheckpointId;
                if (await DecodeAsync(decoder, record, cancellationToken) is not { Tuple: { } tuple })
                {
                    continue;
                }

                if (!successors.Remove(record.CheckpointId, out var successor) && tuple.Checkpoint.Next.Count > 0)
                {
                    successor = await store.FindSuccessorAsync(threadId, checkpointNamespace, record.CheckpointId, cancellationToken);
                }

                yield return WithResults(tuple, successor);
                if (decoder.KeptBytes > Math.Max(DecoderBytesMax, 2 * decoder.FirstBytes))
                {
                    decoder = NewDecoder(schema, checkpointNamespace);
                }
            }

            if (page.Count < size)
            {
                yield break;
            }

            var bytes = page.Sum(record => (long)record.Body.Length);
            size = (int)Math.Clamp(PageBytesMax * page.Count / Math.Max(bytes, 1), 1, PageSizeMax);
        }
    }

    public async Task PutAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var place = PlaceOf(checkpoint.Namespace);
        if (place.Ordinal < 0)
        {
            await FindHeadAsync(checkpoint.Values.Schema, checkpoint.Namespace, cancellationToken);
        }

        if (checkpoint is { Source: CheckpointSource.Input, Namespace.Length: 0 })
        {
            _inputId = checkpoint.Id;
        }

        var ordinal = ++place.Ordinal;
        var known = checkpoint.ParentId is not null && place.States.TryGetValue(checkpoint.ParentId, out var state) ? state : null;
        var (body, stored) = CheckpointCodec.Encode(checkpoint, ordinal, known);
        place.States.Clear();
        place.States[checkpoint.Id] = stored;
        var events = MessageEvents(checkpoint, known?.Values);
        var head = new ThreadHead(new CheckpointTuple(checkpoint, []), stored, ordinal);
        place.Head = head;
        var record = ToRecord(checkpoint, ordinal, body);
        if (attempt is null)
        {
            _edited.Add(record);
            return;
        }

        var version = cache.VersionOf(threadId);
        await StoredAsync(store.PutAsync(attempt, record, events, cancellationToken));
        Cache(checkpoint.Namespace, head, version);
    }

    public async Task PutOutcomeAsync(Checkpoint checkpoint, TaskOutcome outcome, CancellationToken cancellationToken)
    {
        // First what may be refused: an outcome that is no JSON is not known afterwards.
        var record = new TaskOutcomeRecord(checkpoint.Namespace, checkpoint.Id, outcome.TaskId, CheckpointCodec.Encode(outcome));
        var place = PlaceOf(checkpoint.Namespace);
        ThreadHead? changed = null;
        var version = cache.VersionOf(threadId);
        lock (place)
        {
            if (place.Head is { } head && head.Tuple.Checkpoint.Id == checkpoint.Id)
            {
                place.Head = changed = head with
                {
                    Tuple = head.Tuple with { Outcomes = place.With(outcome) },
                    OutcomeBytes = head.OutcomeBytes + record.Body.Length,
                    Revision = head.Revision + 1,
                };
            }
        }

        if (attempt is null)
        {
            _editedOutcomes.Add(record);
            return;
        }

        await StoredAsync(store.PutOutcomeAsync(attempt, record, cancellationToken));
        if (changed is not null)
        {
            Cache(checkpoint.Namespace, changed, version);
        }
    }

    /// <summary>Stores what an edit has put, in one transaction with how the thread stands then.</summary>
    /// <param name="version">The version of the thread that the edit was made of.</param>
    /// <param name="outcome">How the thread stands; null leaves it as it is.</param>
    /// <param name="now">The time of the edit.</param>
    public async Task<WriteResult> ApplyAsync(long version, ThreadOutcome? outcome, DateTimeOffset now)
    {
        var cacheVersion = cache.VersionOf(threadId);
        var edit = new ThreadEdit { ThreadId = threadId, Version = version, Checkpoints = _edited, Outcomes = _editedOutcomes, Thread = outcome, Now = now };
        var result = await store.ApplyEditAsync(edit, CancellationToken.None);
        if (result == WriteResult.Applied && PlaceOf("").Head is { } head)
        {
            Cache("", head, cacheVersion);
        }

        return result;
    }

    /// <summary>Waits for a write. When it fails, what is in memory is more than what is stored: it is forgotten, also what a later write puts there.</summary>
    private async Task StoredAsync(Task write)
    {
        try
        {
            await write;
        }
        catch
        {
            _hasFailed = true;
            cache.Remove(threadId);
            throw;
        }
    }

    private Place PlaceOf(string checkpointNamespace) => _places.GetOrAdd(checkpointNamespace, static _ => new Place());

    private void Cache(string checkpointNamespace, ThreadHead head, int version)
    {
        if (checkpointNamespace.Length == 0)
        {
            cache.PutWritten(threadId, head, version);
        }
    }

    private static CheckpointTuple WithResults(CheckpointTuple tuple, CheckpointRecord? successor)
    {
        if (successor is null)
        {
            return tuple;
        }

        var completed = CheckpointCodec.DecodeCompleted(tuple.Checkpoint.Values.Schema, successor.Body, tuple.Checkpoint);
        var done = completed.Select(outcome => outcome.TaskId).ToHashSet();
        return tuple with { Outcomes = [.. tuple.Outcomes.Where(outcome => !done.Contains(outcome.TaskId)), .. completed] };
    }

    private static StoredCheckpoint ToStored(CheckpointRecord record) => new(
        record.Ordinal, record.CheckpointId, record.ParentId, record.Namespace, record.RunId?.ToString(), record.Metadata, record.CreatedAt, record.Body);

    private async ValueTask<ThreadHead?> FindHeadAsync(ChannelSchema schema, string checkpointNamespace, CancellationToken cancellationToken)
    {
        var place = PlaceOf(checkpointNamespace);
        if (place.Head is not null && ReferenceEquals(place.Head.Schema, schema))
        {
            return place.Head;
        }

        ThreadHead? head = null;
        if (checkpointNamespace.Length > 0 || !cache.TryGet(threadId, out head) || !ReferenceEquals(head.Schema, schema))
        {
            if (head is not null)
            {
                // Another graph's. Its revisions count from when that graph read it: kept, it could pass for newer than ours.
                cache.Remove(threadId);
            }

            head = await ReadHeadAsync(place, schema, checkpointNamespace, cancellationToken);
        }

        place.Head = head;
        place.Ordinal = head?.Ordinal ?? 0;
        if (head is not null)
        {
            place.States[head.Tuple.Checkpoint.Id] = head.State;
        }

        return head;
    }

    private async ValueTask<ThreadHead?> ReadHeadAsync(Place place, ChannelSchema schema, string checkpointNamespace, CancellationToken cancellationToken)
    {
        var version = cache.VersionOf(threadId);
        while (await store.FindAsync(threadId, checkpointNamespace, null, cancellationToken) is { } record)
        {
            if (await DecodeAsync(NewDecoder(schema, checkpointNamespace), record, cancellationToken) is { } found)
            {
                place.States[record.CheckpointId] = found.State;
                var head = new ThreadHead(found.Tuple, found.State, record.Ordinal, found.OutcomeBytes);
                if (checkpointNamespace.Length == 0)
                {
                    cache.PutRead(threadId, head, version);
                }

                return head;
            }
        }

        return null;
    }

    /// <summary>Null when the checkpoint was removed since the record was read.</summary>
    private async ValueTask<Decoded?> DecodeAsync(CheckpointDecoder decoder, CheckpointRecord record, CancellationToken cancellationToken)
    {
        Checkpoint checkpoint;
        StoredState state;
        try
        {
            (checkpoint, state) = await decoder.DecodeAsync(ToStored(record), cancellationToken);
        }
        catch (InvalidDataException)
        {
            // Readers do not hold the thread's gate: a rollback may have removed it, or pruning what it referred to.
            var now = await store.FindAsync(threadId, record.Namespace, record.CheckpointId, cancellationToken);
            if (now is null)
            {
                return null;
            }

            if (now.Body.Span.SequenceEqual(record.Body.Span))
            {
                throw;
            }

            (checkpoint, state) = await NewDecoder(decoder.Schema, record.Namespace).DecodeAsync(ToStored(now), cancellationToken);
        }

        if (checkpoint.Next.Count == 0)
        {
            return new Decoded(new CheckpointTuple(checkpoint, []), state, OutcomeBytes: 0);
        }

        var outcomes = await store.ListOutcomesAsync(threadId, record.Namespace, record.CheckpointId, cancellationToken);
        return new Decoded(
            new CheckpointTuple(checkpoint, [.. outcomes.Select(outcome => CheckpointCodec.DecodeOutcome(checkpoint.Values.Schema, outcome.Body))]),
            state,
            outcomes.Sum(outcome => (long)outcome.Body.Length));
    }

    private CheckpointDecoder NewDecoder(ChannelSchema schema, string checkpointNamespace) => new(
        schema,
        async (checkpointId, from, to, cancellationToken) => await store.ReadRangeAsync(threadId, checkpointNamespace, checkpointId, from, to, cancellationToken));

    private CheckpointRecord ToRecord(Checkpoint checkpoint, long ordinal, byte[] body) => new()
    {
        ThreadId = threadId,
        Namespace = checkpoint.Namespace,
        CheckpointId = checkpoint.Id,
        ParentId = checkpoint.ParentId,
        RunId = attempt?.RunId,
        Ordinal = ordinal,
        Source = checkpoint.Source switch
        {
            CheckpointSource.Input => "input",
            CheckpointSource.Loop => "loop",
            CheckpointSource.Update => "update",
            _ => "fork",
        },
        Metadata = checkpoint.Metadata,
        Body = body,
        CreatedAt = checkpoint.CreatedAt,
    };

    /// <summary>Messages enter the thread's event log with the checkpoint of the root graph that has them first.</summary>
    private RunEventRecord[] MessageEvents(Checkpoint checkpoint, ChannelValues? before) => attempt is null || checkpoint.Namespace.Length > 0
        ? []
        : [.. checkpoint.Values.MessagesSince(before ?? checkpoint.Values.Schema.Initial).Select(message => new RunEventRecord
        {
            RunId = attempt.RunId,
            Category = RunEventCategory.Message,
            Type = message.Type,
            Content = message.Utf8,
            CreatedAt = checkpoint.CreatedAt,
        })];

    private readonly record struct Decoded(CheckpointTuple Tuple, StoredState State, long OutcomeBytes);

    /// <summary>What is known of one namespace. Graphs of several run at once, each in its own.</summary>
    private sealed class Place
    {
        private readonly Dictionary<string, int> _known = [];
        private ThreadHead? _head;
        private ImmutableList<TaskOutcome> _outcomes = [];

        public Dictionary<string, StoredState> States { get; } = [];

        public ThreadHead? Head
        {
            get => _head;
            set
            {
                if (value?.Tuple.Checkpoint.Id != _head?.Tuple.Checkpoint.Id)
                {
                    _outcomes = value is null ? [] : [.. value.Tuple.Outcomes];
                    _known.Clear();
                    foreach (var outcome in _outcomes)
                    {
                        _known.TryAdd(outcome.TaskId, _known.Count);
                    }
                }

                _head = value;
            }
        }

        /// <summary>The ordinal of the newest checkpoint; −1 while that is not known.</summary>
        public long Ordinal { get; set; } = -1;

        /// <summary>The outcomes at the head, with one more or another one of its task. A superstep may have thousands: the list before stays as it is.</summary>
        public IReadOnlyList<TaskOutcome> With(TaskOutcome outcome) =>
            _outcomes = _known.TryAdd(outcome.TaskId, _outcomes.Count) ? _outcomes.Add(outcome) : _outcomes.SetItem(_known[outcome.TaskId], outcome);
    }
}
