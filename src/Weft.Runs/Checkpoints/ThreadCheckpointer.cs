using System.Collections.Concurrent;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Stores the checkpoints of one thread, each as its changes against its parent. It belongs to one run, edit or reader.
/// Without an attempt, as for an edit, it collects the checkpoints until they are applied.
/// </summary>
internal sealed class ThreadCheckpointer(ICheckpointStore store, ThreadHeadCache cache, ThreadId threadId, RunAttempt? attempt = null)
    : ICheckpointer
{
    // Small, because most graphs have no graphs inside.
    private readonly ConcurrentDictionary<string, NamespaceState> _namespaces = new(concurrencyLevel: 1, capacity: 1);
    private readonly CheckpointReader _reader = new(store, threadId);
    private readonly Lock _turns = new();
    private readonly List<CheckpointRecord> _edited = [];
    private readonly List<TaskOutcomeRecord> _editedOutcomes = [];
    private volatile bool _hasFailed;
    private Task _turn = Task.CompletedTask;
    private TakenInput? _input;

    /// <summary>
    /// The newest checkpoint of the root graph that was found or put; null if there was none, or if a checkpoint could
    /// not be stored.
    /// </summary>
    public ThreadHead? Head => _hasFailed ? null : StateOf("").Head;

    /// <summary>The newest checkpoint of the root graph; null if it was not read before.</summary>
    public PrefetchedHead? Prefetched { get; init; }

    /// <summary>The kwargs of the run, to compare with the checkpoint that contains its input.</summary>
    public ReadOnlyMemory<byte> Kwargs { get; init; }

    /// <summary>
    /// The parts of the kwargs that this checkpoint contains; null if it was not put, contains none, or could not be stored.
    /// </summary>
    public TakenInput? Input => _hasFailed ? null : _input;

    /// <summary>
    /// The events of the run, which are stored before the checkpoints and outcomes that follow them; null if it stores no events.
    /// </summary>
    public RunSink? Events { get; set; }

    public async ValueTask<CheckpointTuple?> FindAsync(
        ChannelSchema schema, string checkpointNamespace, string? checkpointId, CancellationToken cancellationToken)
    {
        if (checkpointId is null)
        {
            var head = await FindHeadAsync(schema, checkpointNamespace, cancellationToken);
            return head?.Tuple;
        }

        var page = await ReadOneAsync(checkpointNamespace, checkpointId, withSuccessors: false, cancellationToken);
        return await DecodeAsync(schema, checkpointNamespace, page, cancellationToken);
    }

    /// <summary>
    /// Returns the newest checkpoint of the root graph; null if there is none, or if its graph has changed so that it
    /// can't read it, or if its data is damaged. Requests for the state report that error. Other operations, such as a
    /// list of threads or the end of a run, must not fail because of it.
    /// </summary>
    public async ValueTask<CheckpointTuple?> FindReadableAsync(ChannelSchema schema, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAsync(schema, "", null, cancellationToken);
        }
        catch (Exception e) when (e is UnreadableCheckpointException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>
    /// As <see cref="FindAsync"/>, with the outcomes of its tasks if their superstep has ended since.
    /// </summary>
    public async ValueTask<CheckpointTuple?> FindWithResultsAsync(
        ChannelSchema schema, string checkpointNamespace, string? checkpointId, CancellationToken cancellationToken)
    {
        if (checkpointId is null)
        {
            return await FindAsync(schema, checkpointNamespace, null, cancellationToken);
        }

        var page = await ReadOneAsync(checkpointNamespace, checkpointId, withSuccessors: true, cancellationToken);
        return await DecodeAsync(schema, checkpointNamespace, page, cancellationToken) is { } tuple
            ? CheckpointHistory.WithResults(tuple, page is { Successors: [var newest, ..] } ? newest : null)
            : null;
    }

    public IAsyncEnumerable<CheckpointTuple> ReadAsync(
        ChannelSchema schema, string checkpointNamespace, string? before, CancellationToken cancellationToken)
    {
        var history = new CheckpointHistory(store, _reader, threadId, checkpointNamespace);
        if (before is null)
        {
            return history.ReadAsync(schema, before: null, cancellationToken);
        }

        return CheckpointId.TryParse(before, null, out var id)
            ? history.ReadAsync(schema, id, cancellationToken)
            : AsyncEnumerable.Empty<CheckpointTuple>();
    }

    public Task PutAsync(Checkpoint checkpoint, CancellationToken cancellationToken) => Events is { Stores: true } events
        ? PutInTurnAsync(events, checkpoint, cancellationToken)
        : PutNextAsync(checkpoint, cancellationToken);

    // A method of its own, because the lambda would make its caller allocate for each superstep of any run.
    private Task PutInTurnAsync(RunSink events, Checkpoint checkpoint, CancellationToken cancellationToken) =>
        InTurnAsync(events, () => PutNextAsync(checkpoint, cancellationToken));

    private async Task PutNextAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var own = StateOf(checkpoint.Namespace);
        if (own.Ordinal < 0)
        {
            await FindHeadAsync(checkpoint.Values.Schema, checkpoint.Namespace, cancellationToken);
        }

        var ordinal = ++own.Ordinal;
        var known = checkpoint.ParentId is not null && own.States.TryGetValue(checkpoint.ParentId, out var state) ? state : null;
        var (body, stored) = CheckpointCodec.Encode(checkpoint, ordinal, known, own.Head?.State.BytesThrough ?? 0);
        own.States.Clear();
        own.States[checkpoint.Id] = stored;
        var head = new ThreadHead(new CheckpointTuple(checkpoint, []), stored, ordinal);
        own.Head = head;
        var record = CheckpointRecords.Of(threadId, attempt?.RunId, checkpoint, ordinal, body);
        if (attempt is null)
        {
            _edited.Add(record);
            return;
        }

        if (checkpoint is { Source: CheckpointSource.Input, Namespace.Length: 0 } && !Kwargs.IsEmpty)
        {
            _input = SharedInput.Find(Kwargs, record.CheckpointId, body);
        }

        var messages = checkpoint.Namespace.Length > 0 ? [] : NewMessages.Of(attempt.RunId, checkpoint, body, known);
        var version = cache.VersionOf(threadId);
        try
        {
            await store.PutAsync(attempt, record, messages, cancellationToken);
        }
        catch
        {
            Fail();
            throw;
        }

        Cache(checkpoint.Namespace, head, version);
    }

    public async Task PutOutcomeAsync(Checkpoint checkpoint, TaskOutcome outcome, CancellationToken cancellationToken)
    {
        // Encoding comes first because it may fail. An outcome that is not valid JSON must not be remembered.
        var id = CheckpointId.Parse(checkpoint.Id);
        var record = new TaskOutcomeRecord(checkpoint.Namespace, id, outcome.TaskId, CheckpointCodec.Encode(outcome));
        await (Events is { Stores: true } events
            ? PutInTurnAsync(events, checkpoint, outcome, record, cancellationToken)
            : PutNextAsync(checkpoint, outcome, record, cancellationToken));
    }

    private Task PutInTurnAsync(
        RunSink events, Checkpoint checkpoint, TaskOutcome outcome, TaskOutcomeRecord record, CancellationToken cancellationToken) =>
        InTurnAsync(events, () => PutNextAsync(checkpoint, outcome, record, cancellationToken));

    private async Task PutNextAsync(
        Checkpoint checkpoint, TaskOutcome outcome, TaskOutcomeRecord record, CancellationToken cancellationToken)
    {
        var own = StateOf(checkpoint.Namespace);
        ThreadHead? changed = null;
        var version = cache.VersionOf(threadId);
        lock (own)
        {
            if (own.Head is { } head && head.Tuple.Checkpoint.Id == checkpoint.Id)
            {
                own.Head = changed = head with
                {
                    Tuple = head.Tuple with { Outcomes = own.With(outcome) },
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

        try
        {
            await store.PutOutcomeAsync(attempt, record, cancellationToken);
        }
        catch
        {
            Fail();
            throw;
        }

        if (changed is not null)
        {
            Cache(checkpoint.Namespace, changed, version);
        }
    }

    /// <summary>Stores the checkpoints of an edit and the outcome of the thread in one transaction.</summary>
    /// <param name="version">The version of the thread on which the edit is based.</param>
    /// <param name="outcome">The outcome of the thread after the edit; null leaves it unchanged.</param>
    /// <param name="now">The time of the edit.</param>
    public async Task<WriteResult> ApplyAsync(long version, ThreadOutcome? outcome, DateTimeOffset now)
    {
        var cacheVersion = cache.VersionOf(threadId);
        var edit = new ThreadEdit
        {
            ThreadId = threadId,
            Version = version,
            Checkpoints = _edited,
            Outcomes = _editedOutcomes,
            Thread = outcome,
            Now = now,
        };
        var result = await store.ApplyEditAsync(edit, CancellationToken.None);
        if (result == WriteResult.Applied && StateOf("").Head is { } head)
        {
            Cache("", head, cacheVersion);
        }

        return result;
    }

    /// <summary>
    /// Puts something of a run that stores its events. It begins when the earlier puts and the events that were emitted before it are
    /// in line: the head is what events are stored as a difference from, so it must not be newer than they are.
    /// </summary>
    private Task InTurnAsync(RunSink events, Func<Task> put)
    {
        Task<Task> turn;
        lock (_turns)
        {
            _turn = turn = TakeTurnAsync(_turn, events, events.Added, put);
        }

        return turn.Unwrap();
    }

    private static async Task<Task> TakeTurnAsync(Task before, RunSink events, long count, Func<Task> put)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await events.BeginWriteAsync(count, put);
    }

    /// <summary>Notes that the store lacks a checkpoint that this object has, so its head must not be cached.</summary>
    private void Fail()
    {
        _hasFailed = true;
        cache.Remove(threadId);
    }

    private NamespaceState StateOf(string checkpointNamespace) =>
        _namespaces.GetOrAdd(checkpointNamespace, static _ => new NamespaceState());

    private void Cache(string checkpointNamespace, ThreadHead head, int version)
    {
        if (checkpointNamespace.Length == 0)
        {
            cache.PutWritten(threadId, head, version);
        }
    }

    /// <summary>Returns null if the id is not a checkpoint id.</summary>
    private async ValueTask<CheckpointPage?> ReadOneAsync(
        string checkpointNamespace, string checkpointId, bool withSuccessors, CancellationToken cancellationToken)
    {
        if (!CheckpointId.TryParse(checkpointId, null, out var id))
        {
            return null;
        }

        var range = new CheckpointRange { Id = id, Limit = 1, WithSuccessors = withSuccessors };
        return await store.ReadAsync(threadId, checkpointNamespace, range, cancellationToken);
    }

    private async ValueTask<CheckpointTuple?> DecodeAsync(
        ChannelSchema schema, string checkpointNamespace, CheckpointPage? page, CancellationToken cancellationToken)
    {
        var decoder = _reader.NewDecoder(schema, checkpointNamespace);
        if (page?.Entries is not [var entry] || await _reader.DecodeAsync(decoder, entry, cancellationToken) is not { } found)
        {
            return null;
        }

        StateOf(checkpointNamespace).States[found.Tuple.Checkpoint.Id] = found.State;
        return found.Tuple;
    }

    private async ValueTask<ThreadHead?> FindHeadAsync(
        ChannelSchema schema, string checkpointNamespace, CancellationToken cancellationToken)
    {
        var own = StateOf(checkpointNamespace);
        if (own.Head is not null && ReferenceEquals(own.Head.Schema, schema))
        {
            return own.Head;
        }

        ThreadHead? head = null;
        if (checkpointNamespace.Length > 0 || !cache.TryGet(threadId, out head) || !ReferenceEquals(head.Schema, schema))
        {
            if (head is not null)
            {
                // The head is of another graph. Its revisions count from the time when that graph read it, so it could
                // be mistaken for newer than ours.
                cache.Remove(threadId);
            }

            head = await ReadHeadAsync(own, schema, checkpointNamespace, cancellationToken);
        }

        own.Head = head;
        own.Ordinal = head?.Ordinal ?? 0;
        if (head is not null)
        {
            // A run that names the newest checkpoint has read it before, and its values grow from those that it read.
            own.States.TryAdd(head.Tuple.Checkpoint.Id, head.State);
        }

        return head;
    }

    private async ValueTask<ThreadHead?> ReadHeadAsync(
        NamespaceState own, ChannelSchema schema, string checkpointNamespace, CancellationToken cancellationToken)
    {
        var prefetched = checkpointNamespace.Length == 0 ? Prefetched : null;
        var version = prefetched?.Version ?? cache.VersionOf(threadId);
        if (prefetched is { Entry: null })
        {
            return null;
        }

        for (var next = prefetched?.Entry; ; next = null)
        {
            next ??= await ReadNewestAsync(checkpointNamespace, cancellationToken);
            if (next is null)
            {
                return null;
            }

            if (await _reader.DecodeAsync(_reader.NewDecoder(schema, checkpointNamespace), next, cancellationToken) is { } found)
            {
                own.States.TryAdd(found.Tuple.Checkpoint.Id, found.State);
                var head = new ThreadHead(found.Tuple, found.State, next.Checkpoint.Ordinal, found.OutcomeBytes);
                if (checkpointNamespace.Length == 0)
                {
                    cache.PutRead(threadId, head, version);
                }

                return head;
            }
        }
    }

    private async ValueTask<CheckpointEntry?> ReadNewestAsync(string checkpointNamespace, CancellationToken cancellationToken)
    {
        var page = await store.ReadAsync(threadId, checkpointNamespace, new CheckpointRange { Limit = 1 }, cancellationToken);
        return page.Entries is [var newest] ? newest : null;
    }
}
