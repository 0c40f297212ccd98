using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>All that is done with threads and their state.</summary>
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
        _edits = edits;
        _time = time;
    }

    /// <summary>Creates a thread with the states that supersteps make.</summary>
    /// <param name="actor">For whom.</param>
    /// <param name="threadId">The id; null: a new one.</param>
    /// <param name="metadata">A JSON object that names the graph by its <c>graph_id</c>.</param>
    /// <param name="ttl">How long it is kept; null: until it is deleted.</param>
    /// <param name="supersteps">A list of objects with <c>updates</c> (protocol, section E5).</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The id is taken, no graph is known, or the graph refuses an update. Then there is no thread.</exception>
    public async Task<ThreadView> CreateAsync(Actor actor, ThreadId? threadId, string metadata, ThreadTtl? ttl, JsonElement supersteps, CancellationToken cancellationToken)
    {
        SuperstepsJson.Check(supersteps);
        var created = (await CreateAsync(actor, threadId, metadata, ttl, returnExisting: false, cancellationToken)).Thread;
        try
        {
            var graph = GraphOf(created) ?? throw new WeftException(ProblemKind.Invalid, "Supersteps need a graph that is served: give its id as metadata.graph_id.", "metadata.graph_id");
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
    /// <param name="actor">For whom.</param>
    /// <param name="threadId">The id; null: a new one.</param>
    /// <param name="metadata">A JSON object.</param>
    /// <param name="ttl">How long it is kept; null: until it is deleted.</param>
    /// <param name="returnExisting">Whether a thread of this id is returned as it is; else it is a conflict.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The id is taken.</exception>
    public async Task<ThreadView> CreateAsync(Actor actor, ThreadId? threadId, string metadata, ThreadTtl? ttl, bool returnExisting, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        var now = _time.GetUtcNow();
        var thread = new ThreadRecord { ThreadId = threadId ?? ThreadId.New(_time), Owner = actor.Id, Metadata = metadata, Ttl = ttl, ExpiresAt = now + ttl?.Duration, CreatedAt = now, UpdatedAt = now };
        if (await _threads.TryCreateAsync(thread, cancellationToken))
        {
            return new ThreadView(thread, null);
        }

        return returnExisting && await FindAsync(actor, thread.ThreadId, cancellationToken) is { } existing
            ? existing
            : throw new WeftException(ProblemKind.Conflict, $"Thread {thread.ThreadId} already exists", "thread_id");
    }

    /// <summary>Returns the thread, or null when the actor has no such thread.</summary>
    public async Task<ThreadView?> FindAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        await _threads.FindAsync(actor, threadId, cancellationToken) is { } thread ? await ViewAsync(thread, cancellationToken) : null;

    /// <summary>Checks that the actor has the thread, without reading its state.</summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task EnsureExistsAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        _ = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);

    /// <summary>Returns the thread.</summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task<ThreadView> GetAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        await FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);

    /// <summary>Merges metadata (a JSON object) key by key into the thread's, and sets how long it is kept when that is given.</summary>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async Task<ThreadView> PatchAsync(Actor actor, ThreadId threadId, string metadata, ThreadTtl? ttl, CancellationToken cancellationToken)
    {
        WriteResult result;
        do
        {
            var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
            result = await _threads.PatchAsync(actor, threadId, MetadataChange.Merge(thread.Metadata, metadata), ttl, _time.GetUtcNow(), cancellationToken);
        }
        while (result == WriteResult.Changed);

        return await GetAsync(actor, threadId, cancellationToken);
    }

    /// <summary>Copies a thread with its state and its history (protocol, section E8), as far as they are stored; its runs are not copied.</summary>
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
                HeadId = head?.Checkpoint.Id,
                Outcome = head is null ? null : ThreadOutcomes.Of(StateSnapshot.Of(graph, head), null, isBusy: false),
                Now = _time.GetUtcNow(),
            };
            switch (await _threads.CopyAsync(copy, cancellationToken))
            {
                case WriteResult.Applied:
                    return await GetAsync(actor, copyId, CancellationToken.None);
                case WriteResult.Changed when tries < CopyTriesMax:
                    // A run of it stores checkpoints meanwhile.
                    await Task.Yield();
                    break;
                case WriteResult.Missing:
                    throw WeftException.ThreadNotFound(threadId);
                default:
                    throw new WeftException(ProblemKind.Conflict, $"Thread {threadId} changes faster than it can be copied. Try again when its run has ended.");
            }
        }
    }

    /// <summary>Removes the thread with all that belongs to it. Its runs are cancelled first.</summary>
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
    /// Removes threads, or all of their checkpoints but the newest; returns how many threads were pruned. Threads that the
    /// actor has not are passed over; and when their newest state is kept, those with a run that has not ended.
    /// </summary>
    public async Task<int> PruneAsync(Actor actor, IEnumerable<ThreadId> threadIds, PruneStrategy strategy, CancellationToken cancellationToken)
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

    /// <summary>Returns how many threads a search finds.</summary>
    public async Task<int> CountAsync(Actor actor, ThreadQuery query, JsonElement? values, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return (await SearchAsync(actor, query with { Limit = 0, Offset = 0 }, values, cancellationToken)).Total;
    }

    /// <summary>Returns a page of the actor's threads.</summary>
    /// <param name="actor">For whom.</param>
    /// <param name="query">What to look for.</param>
    /// <param name="values">A JSON object that the thread's values contain. If given, the state of every other match is read.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Page<ThreadRecord>> SearchAsync(Actor actor, ThreadQuery query, JsonElement? values, CancellationToken cancellationToken)
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
            foreach (var thread in page.Items)
            {
                var state = (await ViewAsync(thread, cancellationToken)).Values;
                if (state is not null && JsonContainment.Contains(ToJson(state), wanted) && total++ >= query.Offset && matches.Count < query.Limit)
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

    /// <summary>Reads the values of threads, each when it is asked for, so that no more than one state is in memory at a time.</summary>
    public async IAsyncEnumerable<ThreadView> ReadViewsAsync(IEnumerable<ThreadRecord> threads, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(threads);
        foreach (var thread in threads)
        {
            yield return await ViewAsync(thread, cancellationToken);
        }
    }

    /// <summary>Returns the state at a checkpoint, or the newest one; null when the thread has none yet.</summary>
    /// <param name="actor">For whom.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="address">Which state.</param>
    /// <param name="subgraphs">Whether the states of graphs inside the pending tasks are read too.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The actor has no such thread, or the thread no such checkpoint or subgraph.</exception>
    public async Task<StateSnapshot?> GetStateAsync(Actor actor, ThreadId threadId, CheckpointAddress address, bool subgraphs, CancellationToken cancellationToken)
    {
        var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        if (GraphOf(thread) is not { } root)
        {
            return address.CheckpointId is null ? null : throw ThreadEdits.NotFound(threadId, address.CheckpointId);
        }

        var graph = root.FindGraph(address.Namespace);
        var checkpointer = Checkpointer(threadId);
        if (await checkpointer.FindWithResultsAsync(graph?.Schema ?? ChannelSchema.AsStored, address.Namespace, address.CheckpointId, cancellationToken) is not { } tuple)
        {
            _ = GraphOf(thread, address.Namespace);
            return address.CheckpointId is null ? null : throw ThreadEdits.NotFound(threadId, address.CheckpointId);
        }

        var snapshot = StateSnapshot.Of(graph, tuple);
        return subgraphs ? await snapshot.WithSubgraphsAsync(checkpointer, cancellationToken) : snapshot;
    }

    /// <summary>Reads states of the thread, newest first, each when it is asked for.</summary>
    /// <param name="actor">For whom.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="checkpointNamespace">The graph; empty for the root graph.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="before">Only checkpoints with a smaller id, when given.</param>
    /// <param name="metadata">Only checkpoints whose metadata contains this JSON object, when given.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The actor has no such thread.</exception>
    public async IAsyncEnumerable<StateSnapshot> ReadHistoryAsync(
        Actor actor, ThreadId threadId, string checkpointNamespace, int limit, string? before, JsonElement? metadata, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        if (GraphOf(thread) is not { } graph || limit == 0)
        {
            yield break;
        }

        if (graph.FindGraph(checkpointNamespace) is null && await Checkpointer(threadId).FindAsync(ChannelSchema.AsStored, checkpointNamespace, null, cancellationToken) is null)
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

    /// <summary>Edits the state (protocol, section E5); returns the new checkpoint.</summary>
    /// <exception cref="WeftException">The actor has no such thread, a run of it has not ended, no graph is known, or the graph refuses the edit.</exception>
    public async Task<Checkpoint> UpdateStateAsync(
        Actor actor, ThreadId threadId, JsonElement? values, string? asNode, CheckpointAddress address, CancellationToken cancellationToken)
    {
        var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        if (GraphOf(thread) is not { } graph)
        {
            throw new WeftException(ProblemKind.BadRequest, $"Thread {threadId} has no graph that is served: nothing tells which channels it has. Run a graph on it first, or give it a graph_id in its metadata.");
        }

        _ = GraphOf(thread, address.Namespace);
        return await _edits.ApplyAsync(thread, graph, address, [[new NodeUpdate(values, asNode)]]);
    }

    private static JsonElement Parse(string json) => GraphJson.Parse(Encoding.UTF8.GetBytes(json));

    private static JsonElement ToJson(ChannelValues values) => GraphJson.Parse(GraphJson.Encode(values, static (writer, values) => values.WriteTo(writer)));

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
            throw new WeftException(ProblemKind.NotFound, $"Thread {thread.ThreadId} has no subgraph {checkpointNamespace}: {e.Message}", "checkpoint.checkpoint_ns");
        }
    }

    private async ValueTask<ThreadView> ViewAsync(ThreadRecord thread, CancellationToken cancellationToken) =>
        GraphOf(thread) is { } graph
            ? new ThreadView(thread, (await Checkpointer(thread.ThreadId).FindReadableAsync(graph.Schema, cancellationToken))?.Checkpoint.Values)
            : new ThreadView(thread, null);
}
