using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads the outcomes of runs that have ended.</summary>
internal sealed class RunOutcomes(IRunStore runs, ThreadOutcomes threads, AssistantDirectory assistants)
{
    /// <summary>Returns the outcome of a run that has ended, with the current values of its thread.</summary>
    public async Task<RunOutcome> ReadAsync(Actor actor, RunRecord run, CancellationToken cancellationToken)
    {
        if (run.Status is RunStatus.Pending or RunStatus.Running)
        {
            // The run has ended since it was looked up. If it was rolled back, it no longer exists.
            run = await runs.FindAsync(actor, run.RunId, cancellationToken) ?? run with { Status = RunStatus.Interrupted };
        }

        var graph = assistants.GraphOf(run);
        var head = await threads.FindHeadAsync(run.ThreadId, graph, cancellationToken);
        var snapshot = head is null ? null : StateSnapshot.Of(graph, head);
        return new RunOutcome(
            run.Status,
            snapshot?.Checkpoint.Values,
            snapshot is { HasNext: true } && run.Status == RunStatus.Success ? [.. snapshot.Interrupts] : null,
            FailureOf(run));
    }

    private static RunFailure? FailureOf(RunRecord run) => run.Status switch
    {
        RunStatus.Error => new RunFailure(run.ErrorName ?? "Error", run.Error ?? ""),
        RunStatus.Timeout => new RunFailure(nameof(TimeoutException), run.Error ?? ""),
        _ => null,
    };
}
