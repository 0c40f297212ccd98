using System.Text;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Derives the outcome of a thread from its newest checkpoint (docs/protocol/threads.md C2).</summary>
internal sealed class ThreadOutcomes(ICheckpointStore checkpoints, ThreadHeadCache heads, RunsOptions options)
{
    /// <summary>
    /// Returns the outcome of a thread with this newest checkpoint. The first rule that applies determines the status.
    /// </summary>
    public ThreadOutcome Of(CompiledGraph? graph, CheckpointTuple? head, string? error, bool isBusy)
    {
        var outcome = Of(graph is null || head is null ? null : StateSnapshot.Of(graph, head), error, isBusy);
        // A thread whose only run was removed has no messages any more.
        return graph is not null && head is null ? outcome with { Preview = ThreadPreview.Empty } : outcome;
    }

    /// <inheritdoc cref="Of(CompiledGraph?, CheckpointTuple?, string?, bool)"/>
    public ThreadOutcome Of(StateSnapshot? head, string? error, bool isBusy)
    {
        var interrupts = head is { HasNext: true } && head.Interrupts.Any()
            ? Encoding.UTF8.GetString(GraphJson.Encode(head, static (writer, head) => head.WriteInterruptsByTask(writer)))
            : "{}";
        var status = (error, head, isBusy) switch
        {
            (not null, _, _) => ThreadStatus.Error,
            (_, { HasNext: true }, _) => ThreadStatus.Interrupted,
            (_, _, true) => ThreadStatus.Busy,
            _ => ThreadStatus.Idle,
        };
        return new ThreadOutcome(status, interrupts, error)
        {
            Preview = head is not null && options.ThreadPreviews ? ThreadPreview.Of(head.Checkpoint.Values) : null,
        };
    }

    /// <summary>Returns the newest checkpoint of a thread; null if it has none, or none that the graph can read.</summary>
    public async ValueTask<CheckpointTuple?> FindHeadAsync(ThreadId threadId, CompiledGraph? graph, CancellationToken cancellationToken) =>
        graph is null
            ? null
            : await new ThreadCheckpointer(checkpoints, heads, threadId).FindReadableAsync(graph.Schema, cancellationToken);

    /// <summary>Returns the newest checkpoint that the run did not create; null as for <see cref="FindHeadAsync"/>.</summary>
    public async Task<CheckpointTuple?> FindHeadWithoutAsync(RunRecord run, CompiledGraph? graph)
    {
        if (graph is null)
        {
            return null;
        }

        var id = run.RunId.ToString();
        try
        {
            var checkpointer = new ThreadCheckpointer(checkpoints, heads, run.ThreadId);
            await foreach (var tuple in checkpointer.ReadAsync(graph.Schema, "", null, CancellationToken.None))
            {
                if (tuple.Checkpoint.RunId != id)
                {
                    // A history has the results that the run gave its tasks.
                    return await checkpointer.FindAsync(graph.Schema, "", tuple.Checkpoint.Id, CancellationToken.None);
                }
            }
        }
        catch (Exception e) when (e is UnreadableCheckpointException or InvalidDataException)
        {
            // A run must end even if its graph has changed or the data is damaged.
        }

        return null;
    }

    /// <summary>
    /// Takes back the answers and commands of a run that is rolled back. They are stored at the checkpoint from which it started, which
    /// stays.
    /// </summary>
    public async Task UndoAsync(RunRecord run, RunAttempt attempt, string? checkpointId, CompiledGraph? graph)
    {
        if (graph is null)
        {
            return;
        }

        var checkpointer = new ThreadCheckpointer(checkpoints, heads, run.ThreadId, attempt);
        var start = checkpointId is null
            ? await FindHeadWithoutAsync(run, graph)
            : await checkpointer.FindAsync(graph.Schema, "", checkpointId, CancellationToken.None);
        if (start is not null)
        {
            await RunUndo.UndoAsync(graph, checkpointer, start.Checkpoint, run.RunId.ToString(), CancellationToken.None);
        }
    }
}
