using Weft.Graphs;

namespace Weft.Runs;

/// <summary>How a run ends, before the end is stored.</summary>
/// <param name="Status">The final status.</param>
/// <param name="At">When it ends.</param>
internal sealed record RunEnd(RunStatus Status, DateTimeOffset At)
{
    private static readonly RunFailure Unreadable = new(
        "UnreadableStateError", "The state of the thread is too large to be read. The server's log has the details.");

    /// <summary>The failure; null if the run did not fail.</summary>
    public RunFailure? Failure { get; init; }

    /// <summary>The request that cancelled it; null if it was not cancelled.</summary>
    public CancelRequest? Cancel { get; init; }

    /// <summary>The results of its execution; null if this server did not execute it.</summary>
    public RunExecution? Execution { get; init; }

    /// <summary>Whether to remove the stored request because it can't be read.</summary>
    public bool DropsInput { get; init; }

    /// <summary>Whether the state of the thread can't be read, so that the end is stored without it.</summary>
    public bool IgnoresState { get; private init; }

    /// <summary>The end of a run that was cancelled before it executed.</summary>
    public static RunEnd Cancelled(CancelRequest request, DateTimeOffset at) => new(RunStatus.Interrupted, at) { Cancel = request };

    /// <summary>
    /// The same end, stored without the state of the thread. A run that did not fail fails because of it, unless it was cancelled.
    /// </summary>
    public RunEnd WithoutState() => Failure is not null || Cancel is not null
        ? this with { IgnoresState = true }
        : this with
        {
            IgnoresState = true,
            Status = RunStatus.Error,
            Failure = Unreadable,
            Execution = Execution is null ? null : Execution with { Result = null },
        };

    /// <summary>The end of a run that can't be executed.</summary>
    public static RunEnd Failed(RunFailure failure, DateTimeOffset at) => new(RunStatus.Error, at) { Failure = failure };
}

/// <summary>The results of an execution that are stored with the end of the run.</summary>
/// <param name="Result">The result of the graph; null if it did not return.</param>
/// <param name="Checkpointer">The checkpointer, which knows the newest checkpoint.</param>
/// <param name="Sink">The sink of the run's stream.</param>
/// <param name="Unsaved">The events of a resumable run that are not stored yet.</param>
internal sealed record RunExecution(GraphRunResult? Result, ThreadCheckpointer Checkpointer, RunSink Sink, IReadOnlyList<RunEvent> Unsaved)
{
    /// <summary>The tokens that its models took; null if none said.</summary>
    public UsageByModel? Usage { get; init; }

    /// <summary>What it did; null if that is not kept.</summary>
    public RunTimeline? Timeline { get; init; }

    /// <summary>The newest checkpoint; null if it must be read from storage.</summary>
    public CheckpointTuple? Head => Result?.Head ?? Checkpointer.Head?.Tuple;
}
