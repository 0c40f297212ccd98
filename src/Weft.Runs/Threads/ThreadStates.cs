using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The operations on the states of threads: read, list, edit.</summary>
public sealed class ThreadStates
{
    private readonly IThreadStore _threads;
    private readonly ICheckpointStore _checkpoints;
    private readonly AssistantDirectory _assistants;
    private readonly ThreadHeadCache _heads;
    private readonly ThreadEdits _edits;
    private readonly ScanThreads _scans;

    internal ThreadStates(
        IThreadStore threads,
        ICheckpointStore checkpoints,
        AssistantDirectory assistants,
        ThreadHeadCache heads,
        ThreadEdits edits,
        ScanThreads scans)
    {
        _threads = threads;
        _checkpoints = checkpoints;
        _assistants = assistants;
        _heads = heads;
        _edits = edits;
        _scans = scans;
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
    public async Task<StateSnapshot?> GetAsync(
        Actor actor, ThreadId threadId, CheckpointAddress address, bool subgraphs, CancellationToken cancellationToken)
    {
        var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        if (_assistants.GraphOf(thread) is not { } root)
        {
            return address.CheckpointId is null ? null : throw ThreadEdits.NotFound(threadId, address.CheckpointId);
        }

        address = address with { Namespace = root.StoredNamespace(address.Namespace) };
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
        if (_assistants.GraphOf(thread) is not { } graph || limit == 0)
        {
            yield break;
        }

        checkpointNamespace = graph.StoredNamespace(checkpointNamespace);
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

    /// <summary>
    /// Returns what the state and the history of a thread occupy in storage. Values are not decoded, but all bytes are read, on a
    /// thread for long reads.
    /// </summary>
    /// <exception cref="WeftException">The actor has no such thread, or too many long reads wait.</exception>
    public async Task<ThreadStorage> MeasureAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken)
    {
        _ = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        var channels = new ChannelSizes();
        var sizes = await _scans.RunAsync(
            () => _checkpoints.MeasureAsync(threadId, channels.Add, cancellationToken), cancellationToken);
        return new ThreadStorage
        {
            Checkpoints = sizes.Checkpoints,
            CheckpointBytes = sizes.BodyBytes - channels.Bytes.Values.Sum() + sizes.MetadataBytes,
            Values = channels.Count,
            ValueBytes = channels.Bytes,
            Writes = sizes.Outcomes,
            WriteBytes = sizes.OutcomeBytes,
        };
    }

    /// <summary>Edits the state (docs/protocol/state.md E5). Returns the new checkpoint.</summary>
    /// <exception cref="WeftException">
    /// The actor has no such thread, a run of it has not ended, no graph is known, or the graph refuses the edit.
    /// </exception>
    public async Task<Checkpoint> UpdateAsync(
        Actor actor, ThreadId threadId, JsonElement? values, string? asNode, CheckpointAddress address, CancellationToken cancellationToken)
    {
        var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        if (_assistants.GraphOf(thread) is not { } graph)
        {
            throw new WeftException(
                ProblemKind.BadRequest,
                $"Thread {threadId} has no graph that is served, so its channels are unknown. "
                + "Run a graph on it first, or set graph_id in its metadata.");
        }

        _ = GraphOf(thread, address.Namespace);
        return await _edits.ApplyAsync(thread, graph, address, [[new NodeUpdate(values, asNode)]]);
    }

    /// <summary>Merges members into the metadata of the newest checkpoint (docs/protocol/state.md B4).</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="members">A JSON object.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">
    /// The actor has no such thread, it has no checkpoint, a run of it has not ended, or the metadata becomes too large.
    /// </exception>
    public async Task PatchMetadataAsync(Actor actor, ThreadId threadId, JsonElement members, CancellationToken cancellationToken)
    {
        var thread = await _threads.FindAsync(actor, threadId, cancellationToken) ?? throw WeftException.ThreadNotFound(threadId);
        await _edits.PatchMetadataAsync(thread, members);
    }

    private static JsonElement Parse(string json) => GraphJson.Parse(Encoding.UTF8.GetBytes(json));

    private ThreadCheckpointer Checkpointer(ThreadId threadId) => new(_checkpoints, _heads, threadId);

    private CompiledGraph? GraphOf(ThreadRecord thread, string checkpointNamespace)
    {
        try
        {
            return _assistants.GraphOf(thread)?.GetGraph(checkpointNamespace);
        }
        catch (UnknownNodeException e)
        {
            var message = $"Thread {thread.ThreadId} has no subgraph {checkpointNamespace}: {e.Message}";
            throw new WeftException(ProblemKind.NotFound, message, "checkpoint.checkpoint_ns");
        }
    }
}
