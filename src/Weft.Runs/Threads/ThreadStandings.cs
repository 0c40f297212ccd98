using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads from the newest checkpoint of a thread how the thread stands.</summary>
internal sealed class ThreadStandings(ICheckpointStore checkpoints, AssistantDirectory assistants, ThreadHeadCache heads)
{
    /// <summary>How the thread stands when <paramref name="run"/> has ended and no other waits.</summary>
    public async Task<ThreadOutcome> OutcomeAsync(RunRecord run) => Outcome(run, await FindHeadAsync(run, CancellationToken.None), isBusy: false);

    /// <summary>How the thread stands when <paramref name="run"/> is removed with its checkpoints.</summary>
    public async Task<ThreadOutcome> OutcomeWithoutAsync(RunRecord run, bool isBusy) => Outcome(run, await FindHeadWithoutAsync(run), isBusy);

    /// <summary>The newest checkpoint of the run's thread; null when it has none, or none that a graph which is served can read.</summary>
    public async ValueTask<CheckpointTuple?> FindHeadAsync(RunRecord run, CancellationToken cancellationToken) =>
        GraphOf(run) is { } graph ? await Checkpointer(run).FindReadableAsync(graph.Schema, cancellationToken) : null;

    /// <summary>The newest checkpoint of the run's thread that is not the run's own; null as for <see cref="FindHeadAsync"/>.</summary>
    public async Task<CheckpointTuple?> FindHeadWithoutAsync(RunRecord run)
    {
        if (GraphOf(run) is not { } graph)
        {
            return null;
        }

        var id = run.RunId.ToString();
        try
        {
            await foreach (var tuple in Checkpointer(run).ReadAsync(graph.Schema, "", null, CancellationToken.None))
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

    /// <summary>What is known of the thread at a checkpoint.</summary>
    public StateSnapshot? SnapshotOf(RunRecord run, CheckpointTuple? head) => head is not null && GraphOf(run) is { } graph ? StateSnapshot.Of(graph, head) : null;

    private ThreadOutcome Outcome(RunRecord run, CheckpointTuple? head, bool isBusy) => ThreadOutcomes.Of(SnapshotOf(run, head), null, isBusy);

    private CompiledGraph? GraphOf(RunRecord run)
    {
        if (assistants.Find(run.AssistantId)?.Graph is not { } graph)
        {
            return null;
        }

        try
        {
            return graph.MakeGraph is null ? graph.Graph : graph.For(RunKwargs.Read(run).Config);
        }
        catch (Exception e) when (e is WeftException or UnreadableRunException)
        {
            // A run ends also when its graph can't be made any more.
            return null;
        }
    }

    private ThreadCheckpointer Checkpointer(RunRecord run) => new(checkpoints, heads, run.ThreadId);
}
