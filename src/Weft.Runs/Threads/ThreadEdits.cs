using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Edits the states of threads (docs/protocol/state.md E5). An edit holds no lock. Storage refuses it if the thread has changed.
/// </summary>
internal sealed partial class ThreadEdits(
    IThreadStore threads,
    ICheckpointStore checkpoints,
    AssistantDirectory assistants,
    ThreadHeadCache heads,
    ThreadOutcomes outcomes,
    IThreadHomes homes,
    ItemsFacade items,
    StopGuards guards,
    EventFeed feed,
    RunsOptions options,
    IServiceProvider services,
    SafeLogger<ThreadEdits> logger,
    SharedClock time)
{
    private const int TriesMax = 5;

    /// <summary>Applies supersteps to a new thread.</summary>
    /// <param name="thread">The thread. Its metadata names its graph.</param>
    /// <param name="supersteps">A list of objects with <c>updates</c>.</param>
    /// <exception cref="WeftException">No graph is known, or it refuses an update.</exception>
    public async Task ApplyAsync(ThreadRecord thread, JsonElement supersteps)
    {
        var graph = assistants.GraphOf(thread) ?? throw new WeftException(
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

        await ApplyAsync(thread, graph, CheckpointAddress.Head, read);
    }

    /// <summary>
    /// Applies the edit and stores it. Repeats both if the thread has changed in the meantime. Returns the new checkpoint.
    /// </summary>
    /// <exception cref="WeftException">
    /// The checkpoint does not exist, a run of the thread has not ended, or the graph refuses the edit.
    /// </exception>
    public async Task<Checkpoint> ApplyAsync(
        ThreadRecord thread,
        CompiledGraph graph,
        CheckpointAddress address,
        IReadOnlyList<IReadOnlyList<NodeUpdate>> supersteps)
    {
        var checkpoint = await RepeatAsync(thread, read => TryApplyAsync(read, graph, address, supersteps));
        await TellAsync(thread, new CheckpointAddress(checkpoint.Id, checkpoint.Namespace));
        return checkpoint;
    }

    /// <summary>
    /// Merges members into the metadata of the newest checkpoint (docs/protocol/state.md B4). Repeats that if the thread has changed in
    /// the meantime.
    /// </summary>
    /// <exception cref="WeftException">
    /// The thread has no checkpoint, a run of it has not ended, or the metadata becomes too large.
    /// </exception>
    public async Task PatchMetadataAsync(ThreadRecord thread, JsonElement members)
    {
        var head = await RepeatAsync(thread, read => TryPatchAsync(read, members));
        heads.Remove(thread.ThreadId);
        await TellAsync(thread, new CheckpointAddress(head.CheckpointId.ToString()));
    }

    public static WeftException NotFound(ThreadId threadId, string checkpointId) =>
        new(ProblemKind.NotFound, $"Thread {threadId} has no checkpoint {checkpointId}", "checkpoint_id");

    /// <summary>Repeats a write with the thread as it then is, until the thread has not changed since it was read.</summary>
    private async Task<T> RepeatAsync<T>(ThreadRecord thread, Func<ThreadRecord, Task<(T Written, WriteResult Result)>> write)
    {
        for (var tries = 1; ; tries++)
        {
            var (written, result) = await write(thread);
            switch (result)
            {
                case WriteResult.Applied:
                    return written;
                case WriteResult.Missing:
                    throw WeftException.ThreadNotFound(thread.ThreadId);
                case WriteResult.Changed when tries < TriesMax:
                    thread = await threads.FindAsync(new Actor(thread.Owner), thread.ThreadId, CancellationToken.None)
                        ?? throw WeftException.ThreadNotFound(thread.ThreadId);
                    break;
                default:
                    throw WeftException.ThreadBusy(thread.ThreadId);
            }
        }
    }

    /// <summary>Tells those who follow the thread that it was edited.</summary>
    private async Task TellAsync(ThreadRecord thread, CheckpointAddress edited)
    {
        await homes.Of(thread.ThreadId).EditedAsync(thread.ThreadId, edited);
        feed.Publish(new FeedEvent(FeedEventKind.ThreadChanged, thread.Owner, time.GetUtcNow()) { ThreadId = thread.ThreadId });
    }

    private async Task<(CheckpointRecord Head, WriteResult Result)> TryPatchAsync(ThreadRecord thread, JsonElement members)
    {
        var head = await checkpoints.FindAsync(thread.ThreadId, "", null, CancellationToken.None)
            ?? throw new WeftException(ProblemKind.NotFound, $"Thread {thread.ThreadId} has no checkpoint yet");
        var patched = head with { Metadata = CheckpointMetadata.Merge(head.Metadata, members) };
        var bytesMax = Math.Max(options.ConfigBytesMax, Encoding.UTF8.GetByteCount(head.Metadata));
        if (Encoding.UTF8.GetByteCount(patched.Metadata) > bytesMax)
        {
            throw new WeftException(
                ProblemKind.Invalid, $"With it the checkpoint would have more than {bytesMax} bytes of metadata as JSON.", "metadata");
        }

        var edit = new ThreadEdit
        {
            ThreadId = thread.ThreadId,
            Version = thread.Version,
            Checkpoints = [],
            Patched = patched,
            Now = time.GetUtcNow(),
        };
        return (patched, await checkpoints.ApplyEditAsync(edit, CancellationToken.None));
    }

    private async Task<(Checkpoint Checkpoint, WriteResult Result)> TryApplyAsync(
        ThreadRecord thread, CompiledGraph graph, CheckpointAddress address, IReadOnlyList<IReadOnlyList<NodeUpdate>> supersteps)
    {
        var checkpointer = new ThreadCheckpointer(checkpoints, heads, thread.ThreadId);
        try
        {
            var checkpoint = await UpdateAsync(thread, graph, address, supersteps, checkpointer);
            var head = await checkpointer.FindAsync(graph.Schema, "", null, CancellationToken.None);
            var outcome = head is null ? null : outcomes.Of(StateSnapshot.Of(graph, head), null, isBusy: false);
            return (checkpoint, await checkpointer.ApplyAsync(thread.Version, outcome, time.GetUtcNow()));
        }
        catch (CheckpointNotFoundException)
        {
            throw NotFound(thread.ThreadId, address.CheckpointId ?? $"of {address.Namespace}");
        }
        catch (NodeFailedException e)
        {
            throw Failed(thread.ThreadId, e);
        }
        catch (GraphException e) when (e is not UnreadableCheckpointException)
        {
            var field = e is UnknownNodeException or AmbiguousNodeException ? "as_node" : "values";
            throw new WeftException(ProblemKind.Invalid, e.Message, field);
        }
    }

    /// <summary>Logs that code of the graph threw, and describes it for the client.</summary>
    private WeftException Failed(ThreadId threadId, NodeFailedException failure)
    {
        var (cause, node) = RunFailure.CauseOf(failure);
        LogFailed(threadId, node!, cause);
        var reason = options.ShowExceptionText ? cause.Message : $"The log of the server has the details under thread {threadId}.";
        return new WeftException(ProblemKind.Invalid, $"The conditional edges behind '{failure.Node}' failed: {reason}", "as_node");
    }

    /// <summary>Runs the edit with a time limit, because the conditional edges of the node are code of the graph.</summary>
    private async Task<Checkpoint> UpdateAsync(
        ThreadRecord thread,
        CompiledGraph graph,
        CheckpointAddress address,
        IReadOnlyList<IReadOnlyList<NodeUpdate>> supersteps,
        ThreadCheckpointer checkpointer)
    {
        var guard = guards.OfEdit(thread.ThreadId);
        var how = new GraphRunOptions
        {
            Checkpointer = checkpointer,
            CheckpointId = address.CheckpointId,
            CheckpointNamespace = address.Namespace,
            ThreadId = thread.ThreadId.Value,
            Store = items.For(new Actor(thread.Owner)),
            Services = services,
            Guard = guard,
            Time = time,
            Metadata = Metadata(thread),
        };
        var stop = new CancellationTokenSource();
        using var finished = new CancellationTokenSource();
        var late = StopAfterAsync(options.EditTimeout, stop, finished.Token);
        try
        {
            return await guard.RunAsync(() => graph.UpdateStateAsync(how, supersteps, stop.Token), late);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new WeftException(
                ProblemKind.Invalid,
                $"The conditional edges behind the edited node took longer than {options.EditTimeout}.",
                "as_node");
        }
        finally
        {
            await finished.CancelAsync();
        }
    }

    private async Task StopAfterAsync(TimeSpan timeout, CancellationTokenSource stop, CancellationToken finished)
    {
        await Task.Delay(timeout, time, finished);
        _ = stop.CancelAsync();
    }

    /// <summary>Returns the metadata of an edit's checkpoint. It names the graph and the thread, but no run.</summary>
    private static string Metadata(ThreadRecord thread) => Encoding.UTF8.GetString(GraphJson.Encode(thread, static (writer, thread) =>
    {
        writer.WriteStartObject();
        foreach (var member in GraphJson.Parse(Encoding.UTF8.GetBytes(thread.Metadata)).EnumerateObject())
        {
            if (member.Name is "graph_id" or "assistant_id")
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteString("thread_id"u8, thread.ThreadId.Value);
        writer.WriteEndObject();
    }));

    [LoggerMessage(1, LogLevel.Error, "An edit of thread {ThreadId} failed in the conditional edges behind node {Node}.")]
    private partial void LogFailed(ThreadId threadId, string node, Exception exception);
}
