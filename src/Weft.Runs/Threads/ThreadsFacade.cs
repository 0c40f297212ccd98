using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The operations on threads and their states.</summary>
public sealed class ThreadsFacade
{
    private const int ScanSize = 200;
    private const int CopyTriesMax = 50;

    private readonly IThreadStore _threads;
    private readonly ICheckpointStore _checkpoints;
    private readonly AssistantDirectory _assistants;
    private readonly IThreadHomes _homes;
    private readonly ThreadPruning _pruning;
    private readonly RunStreams _streams;
    private readonly ThreadHeadCache _heads;
    private readonly ThreadViews _views;
    private readonly ThreadEdits _edits;
    private readonly TimeProvider _time;

    internal ThreadsFacade(
        IThreadStore threads,
        ICheckpointStore checkpoints,
        AssistantDirectory assistants,
        IThreadHomes homes,
        ThreadPruning pruning,
        RunStreams streams,
        ThreadHeadCache heads,
        ThreadEdits edits,
        TimeProvider time)
    {
        _threads = threads;
        _checkpoints = checkpoints;
        _assistants = assistants;
        _homes = homes;
        _pruning = pruning;
        _streams = streams;
        _heads = heads;
        _views = new ThreadViews(checkpoints, assistants, heads);
        _edits = edits;
        _time = time;
    }

    /// <summary>Creates a thread with the states that supersteps produce.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="threadId">The id; null creates one.</param>
    /// <param name="metadata">A JSON object that names the graph as <c>graph_id</c>.</param>
    /// <param name="ttl">How long the thread is kept; null keeps it until it is deleted.</param>
    /// <param name="supersteps">A list of objects with <c>updates</c> (docs/protocol/state.md E5).</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">
    /// The id is taken, no graph is known, or the graph refuses an update. No thread is created then.
    /// </exception>
    public async Task<ThreadView> CreateAsync(
        Actor actor,
        ThreadId? threadId,
        string metadata,
        ThreadTtl? ttl,
        JsonElement supersteps,
        CancellationToken cancellationToken)
    {
        SuperstepsJson.Check(supersteps);
        var created = (await CreateAsync(actor, threadId, metadata, ttl, returnExisting: false, cancellationToken)).Thread;
        try
        {
            var graph = GraphOf(created) ?? throw new WeftException(
                ProblemKind.Invalid,
                "Supersteps need a graph that is served. Set metadata.graph_id to its id.",
                "metadata.graph_id");
            IReadOnlyList<IReadOnlyList<NodeUpdate>> read;
            try
            {
                read = SuperstepsJson.Read(graph, supersteps);
            }
            catch (GraphException e)
            {
                throw new WeftException(ProblemKind.Invalid, e.Message, "supersteps");
            }

            await _edits.ApplyAsync(created, graph, CheckpointAddress.Head, read);
        }
        catch
        {
            await DeleteAsync(actor, created.ThreadId, CancellationToken.None);
            throw;
        }

        return await GetAsync(actor, created.ThreadId, cancellationToken);
    }

    /// <summary>Creates a thread.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="threadId">The id; null creates one.</param>
    /// <param name="metadata">A JSON object.</param>
    /// <param name="ttl">How long the thread is kept; null keeps it until it is deleted.</param>
    /// <param name="returnExisting">Whether to return an existing thread with this id; if false, it is a conflict.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The id is taken.</exception>
    public async Task<ThreadView> CreateAsync(
        Actor actor,
        ThreadId? threadId,
        string metadata,
        ThreadTtl? ttl,
        bool returnExisting,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        var now = _time.GetUtcNow();
        var thread = new ThreadRecord
        {
            ThreadId = threadId ?? ThreadId.New(_time),
            Owner = actor.Id,
            Metadata = metadata,
            Ttl = ttl,
            ExpiresAt = now + ttl?.Duration,
            CreatedAt = now,
            UpdatedAt = now,
        };
        if (await _threads.TryCreateAsync(thread, cancellationToken))
        {
            return new ThreadView(thread, null);
        }

        return returnExisting && await FindAsync(actor, thread.ThreadId, cancellationToken) is { } existing
            ? existing
            : throw new WeftException(ProblemKind.Conflict, $"Thread {thread.ThreadId} already exists", "thread_id");
    }

    /// <summary>Returns the thread; null if the actor has no such thread.</summary>
    public async Task<ThreadView?> FindAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        await _threads.FindAsync(actor, threadId, cancellationToken) is { } thread
            ? await _views.ReadAsync(thread, cancellationToken)
            : null;

    /// <summary>Checks that the actor has the thread, without reading its state.</summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task EnsureExistsAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        _ = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);

    /// <summary>Returns the thread.</summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task<ThreadView> GetAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        await FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);

    /// <summary>
    /// Merges the members of <paramref name="metadata"/>, a JSON object, into the thread's. If <paramref name="ttl"/> is not
    /// null, also sets how long the thread is kept.
    /// </summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task<ThreadView> PatchAsync(
        Actor actor, ThreadId threadId, string metadata, ThreadTtl? ttl, CancellationToken cancellationToken)
    {
        WriteResult result;
        do
        {
            var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
            var change = MetadataChange.Merge(thread.Metadata, metadata);
            result = await _threads.PatchAsync(actor, threadId, change, ttl, _time.GetUtcNow(), cancellationToken);
        }
        while (result == WriteResult.Changed);

        return await GetAsync(actor, threadId, cancellationToken);
    }

    /// <summary>Copies a thread with its stored states (docs/protocol/threads.md E8). Its runs are not copied.</summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task<ThreadView> CopyAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        var copyId = ThreadId.New(_time);
        for (var tries = 1; ; tries++)
        {
            var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
            var graph = GraphOf(thread);
            var head = graph is null ? null : await Checkpointer(threadId).FindReadableAsync(graph.Schema, cancellationToken);
            var copy = new ThreadCopy
            {
                Actor = actor,
                ThreadId = threadId,
                CopyId = copyId,
                Version = thread.Version,
                HeadId = head is null ? null : CheckpointId.Parse(head.Checkpoint.Id),
                Outcome = head is null ? null : ThreadOutcomes.Of(StateSnapshot.Of(graph, head), null, isBusy: false),
                Now = _time.GetUtcNow(),
            };
            switch (await _threads.CopyAsync(copy, cancellationToken))
            {
                case WriteResult.Applied:
                    return await GetAsync(actor, copyId, CancellationToken.None);
                case WriteResult.Changed when tries < CopyTriesMax:
                    // A run of the thread is storing checkpoints.
                    await Task.Yield();
                    break;
                case WriteResult.Missing:
                    throw WeftException.ThreadNotFound(threadId);
                default:
                    throw new WeftException(
                        ProblemKind.Conflict,
                        $"Thread {threadId} changes faster than it can be copied. Try again when its run has ended.");
            }
        }
    }

    /// <summary>Removes the thread and all of its data. Its runs are cancelled first.</summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task DeleteAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken)
    {
        await EnsureExistsAsync(actor, threadId, cancellationToken);
        do
        {
            await _homes.Of(threadId).EndAllAsync(threadId, cancellationToken);
        }
        while (await _threads.DeleteAsync(actor, threadId, version: null, CancellationToken.None) == WriteResult.Busy);

        _heads.Remove(threadId);
        _streams.RemoveEnded(threadId);
    }

    /// <summary>
    /// Removes threads, or all of their checkpoints except the newest. Returns the number of threads that were pruned. Skips
    /// threads that the actor does not have. With <see cref="PruneStrategy.KeepLatest"/>, also skips threads with a run that has
    /// not ended.
    /// </summary>
    public async Task<int> PruneAsync(
        Actor actor, IEnumerable<ThreadId> threadIds, PruneStrategy strategy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(threadIds);
        var pruned = 0;
        foreach (var threadId in threadIds.Distinct())
        {
            if (await _threads.FindAsync(actor, threadId, cancellationToken) is not { } thread)
            {
                continue;
            }

            if (strategy == PruneStrategy.Delete)
            {
                await DeleteAsync(actor, threadId, cancellationToken);
                pruned++;
            }
            else if (await _pruning.TryKeepLatestAsync(thread, cancellationToken))
            {
                pruned++;
            }
        }

        return pruned;
    }

    /// <summary>Returns the number of threads that a search finds.</summary>
    public async Task<int> CountAsync(Actor actor, ThreadQuery query, JsonElement? values, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return (await SearchAsync(actor, query with { Limit = 0, Offset = 0 }, values, cancellationToken)).Total;
    }

    /// <summary>Returns a page of the actor's threads.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="query">The search.</param>
    /// <param name="values">
    /// A JSON object that the thread's values must contain. If not null, the state of every thread that matches the query is
    /// read.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Page<ThreadRecord>> SearchAsync(
        Actor actor, ThreadQuery query, JsonElement? values, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (values is not { } wanted)
        {
            return await _threads.SearchAsync(actor, query, cancellationToken);
        }

        var matches = new List<ThreadRecord>();
        var total = 0;
        for (var offset = 0; ; offset += ScanSize)
        {
            var page = await _threads.SearchAsync(actor, query with { Limit = ScanSize, Offset = offset }, cancellationToken);
            await foreach (var (thread, state) in _views.ReadAllAsync(page.Items, cancellationToken))
            {
                var isMatch = state is not null && JsonContainment.Contains(ToJson(state), wanted);
                if (isMatch && total++ >= query.Offset && matches.Count < query.Limit)
                {
                    matches.Add(thread);
                }
            }

            if (page.Items.Count < ScanSize)
            {
                return new Page<ThreadRecord>(matches, total);
            }
        }
    }

    /// <summary>Reads the values of threads, each when it is asked for, so that only a few states are in memory.</summary>
    public IAsyncEnumerable<ThreadView> ReadViewsAsync(IEnumerable<ThreadRecord> threads, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(threads);
        return _views.ReadAllAsync(threads, cancellationToken);
    }

    /// <summary>
    /// Returns the state of a checkpoint; null if the newest one is asked for and the thread has none, or if its graph is not
    /// served.
    /// </summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="address">The checkpoint.</param>
    /// <param name="subgraphs">Whether to read the states of subgraphs of pending tasks too.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">
    /// The actor has no such thread, or the thread has no such checkpoint or subgraph.
    /// </exception>
    public async Task<StateSnapshot?> GetStateAsync(
        Actor actor, ThreadId threadId, CheckpointAddress address, bool subgraphs, CancellationToken cancellationToken)
    {
        var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        if (GraphOf(thread) is not { } root)
        {
            return address.CheckpointId is null ? null : throw ThreadEdits.NotFound(threadId, address.CheckpointId);
        }

        var graph = root.FindGraph(address.Namespace);
        var schema = graph?.Schema ?? ChannelSchema.AsStored;
        var checkpointer = Checkpointer(threadId);
        if (await checkpointer.FindWithResultsAsync(schema, address.Namespace, address.CheckpointId, cancellationToken) is not { } tuple)
        {
            _ = GraphOf(thread, address.Namespace);
            return address.CheckpointId is null ? null : throw ThreadEdits.NotFound(threadId, address.CheckpointId);
        }

        var snapshot = StateSnapshot.Of(graph, tuple);
        return subgraphs ? await snapshot.WithSubgraphsAsync(checkpointer, cancellationToken) : snapshot;
    }

    /// <summary>Reads the states of the thread one at a time, the newest first.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="checkpointNamespace">The namespace of the graph; empty for the root graph.</param>
    /// <param name="limit">The maximum number of states.</param>
    /// <param name="before">If not null, only checkpoints with a smaller id.</param>
    /// <param name="metadata">If not null, only checkpoints whose metadata contains this JSON object.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async IAsyncEnumerable<StateSnapshot> ReadHistoryAsync(
        Actor actor,
        ThreadId threadId,
        string checkpointNamespace,
        int limit,
        string? before,
        JsonElement? metadata,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        if (GraphOf(thread) is not { } graph || limit == 0)
        {
            yield break;
        }

        if (graph.FindGraph(checkpointNamespace) is null
            && await Checkpointer(threadId).FindAsync(ChannelSchema.AsStored, checkpointNamespace, null, cancellationToken) is null)
        {
            _ = GraphOf(thread, checkpointNamespace);
        }

        var found = 0;
        await foreach (var state in graph.GetHistoryAsync(Checkpointer(threadId), before, checkpointNamespace, cancellationToken))
        {
            if (metadata is { } wanted && !JsonContainment.Contains(Parse(state.Checkpoint.Metadata), wanted))
            {
                continue;
            }

            yield return state;
            if (++found == limit)
            {
                yield break;
            }
        }
    }

    /// <summary>Edits the state (docs/protocol/state.md E5). Returns the new checkpoint.</summary>
    /// <exception cref="WeftException">
    /// The actor has no such thread, a run of it has not ended, no graph is known, or the graph refuses the edit.
    /// </exception>
    public async Task<Checkpoint> UpdateStateAsync(
        Actor actor, ThreadId threadId, JsonElement? values, string? asNode, CheckpointAddress address, CancellationToken cancellationToken)
    {
        var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        if (GraphOf(thread) is not { } graph)
        {
            throw new WeftException(
                ProblemKind.BadRequest,
                $"Thread {threadId} has no graph that is served, so its channels are unknown. "
                + "Run a graph on it first, or set graph_id in its metadata.");
        }

        _ = GraphOf(thread, address.Namespace);
        return await _edits.ApplyAsync(thread, graph, address, [[new NodeUpdate(values, asNode)]]);
    }

    private static JsonElement Parse(string json) => GraphJson.Parse(Encoding.UTF8.GetBytes(json));

    private static JsonElement ToJson(ChannelValues values) =>
        GraphJson.Parse(GraphJson.Encode(values, static (writer, values) => values.WriteTo(writer)));

    private ThreadCheckpointer Checkpointer(ThreadId threadId) => new(_checkpoints, _heads, threadId);

    private CompiledGraph? GraphOf(ThreadRecord thread) => _assistants.GraphOf(thread);

    private CompiledGraph? GraphOf(ThreadRecord thread, string checkpointNamespace)
    {
        try
        {
            return GraphOf(thread)?.GetGraph(checkpointNamespace);
        }
        catch (UnknownNodeException e)
        {
            var message = $"Thread {thread.ThreadId} has no subgraph {checkpointNamespace}: {e.Message}";
            throw new WeftException(ProblemKind.NotFound, message, "checkpoint.checkpoint_ns");
        }
    }
}
