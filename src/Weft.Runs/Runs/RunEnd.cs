using Weft.Graphs;

namespace Weft.Runs;

/// <summary>How a run ends, before the end is stored.</summary>
/// <param name="Status">The final status.</param>
/// <param name="At">When it ends.</param>
internal sealed record RunEnd(RunStatus Status, DateTimeOffset At)
{
    /// <summary>How it failed; null when it did not.</summary>
    public RunFailure? Failure { get; init; }

    /// <summary>The request that cancelled it; null when it was not cancelled.</summary>
    public CancelRequest? Cancel { get; init; }

    /// <summary>What its execution leaves; null when this server did not execute it.</summary>
    public RunExecution? Execution { get; init; }

    /// <summary>Whether to drop the stored request, because it can't be read.</summary>
    public bool DropsInput { get; init; }

    /// <summary>The end of a run that was cancelled before it executed.</summary>
    public static RunEnd Cancelled(CancelRequest request, DateTimeOffset at) => new(RunStatus.Interrupted, at) { Cancel = request };

    /// <summary>The end of a run that can't be executed.</summary>
    public static RunEnd Failed(RunFailure failure, DateTimeOffset at) => new(RunStatus.Error, at) { Failure = failure };
}

/// <summary>What the execution of a run leaves to be stored with its end.</summary>
/// <param name="Result">What the graph returned; null when it did not return.</param>
/// <param name="Checkpointer">Knows the newest checkpoint.</param>
/// <param name="Sink">The sink of the run's stream.</param>
/// <param name="Unsaved">Events that are not yet stored, of a resumable run.</param>
internal sealed record RunExecution(GraphRunResult? Result, ThreadCheckpointer Checkpointer, RunSink Sink, IReadOnlyList<RunEvent> Unsaved)
{
    /// <summary>The newest checkpoint that is known; null when it has to be read.</summary>
    public CheckpointTuple? Head => Result?.Head ?? Checkpointer.Head?.Tuple;
}
