using System.Text;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads from the newest checkpoint of a thread how the thread stands (protocol, section C2).</summary>
internal sealed class ThreadOutcomes(ICheckpointStore checkpoints, ThreadHeadCache heads)
{
    /// <summary>How the thread stands at a checkpoint. The first rule that applies wins.</summary>
    public static ThreadOutcome Of(CompiledGraph? graph, CheckpointTuple? head, string? error, bool isBusy) =>
        Of(graph is null || head is null ? null : StateSnapshot.Of(graph, head), error, isBusy);

    /// <inheritdoc cref="Of(CompiledGraph?, CheckpointTuple?, string?, bool)"/>
    public static ThreadOutcome Of(StateSnapshot? head, string? error, bool isBusy)
    {
        var interrupts = head is { HasNext: true } && head.Interrupts.Any()
            ? Encoding.UTF8.GetString(GraphJson.Encode(head, static (writer, head) => head.WriteInterruptsByTask(writer)))
            : "{}";
        var status = error is not null ? ThreadStatus.Error
            : head is { HasNext: true } ? ThreadStatus.Interrupted
            : isBusy ? ThreadStatus.Busy
            : ThreadStatus.Idle;
        return new ThreadOutcome(status, interrupts, error);
    }

    /// <summary>The newest checkpoint of a thread; null when it has none, or none that the graph can read.</summary>
    public async ValueTask<CheckpointTuple?> FindHeadAsync(ThreadId threadId, CompiledGraph? graph, CancellationToken cancellationToken) =>
        graph is null ? null : await new ThreadCheckpointer(checkpoints, heads, threadId).FindReadableAsync(graph.Schema, cancellationToken);

    /// <summary>The newest checkpoint that the run did not make; null as for <see cref="FindHeadAsync"/>.</summary>
    public async Task<CheckpointTuple?> FindHeadWithoutAsync(RunRecord run, CompiledGraph? graph)
    {
        if (graph is null)
        {
            return null;
        }

        var id = run.RunId.ToString();
        try
        {
            await foreach (var tuple in new ThreadCheckpointer(checkpoints, heads, run.ThreadId).ReadAsync(graph.Schema, "", null, CancellationToken.None))
            {
                if (tuple.Checkpoint.RunId != id)
                {
                    return tuple;
                }
            }
        }
        catch (UnreadableCheckpointException)
        {
            // A run ends also when its graph has changed.
        }

        return null;
    }
}
