using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The last part of a run.</summary>
/// <param name="runId">As <see cref="RunId"/>.</param>
/// <param name="status">As <see cref="Status"/>.</param>
/// <param name="cancel">As <see cref="Cancel"/>.</param>
public sealed class RunEndPart(RunId runId, RunStatus status, CancelAction? cancel = null) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.None;

    /// <summary>The run.</summary>
    public RunId RunId => runId;

    /// <summary>The final status of the run.</summary>
    public RunStatus Status => status;

    /// <summary>How the run was cancelled; null if it was not.</summary>
    public CancelAction? Cancel => cancel;

    /// <summary>Whether the run stopped at a question or a breakpoint, so that it can be resumed.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The failure; null if the run did not fail, or if the failure is unknown.</summary>
    public RunFailure? Failure { get; init; }

    /// <summary>The graph of the run; null if it is unknown, as in logs that earlier versions stored.</summary>
    public string? GraphId { get; init; }

    /// <inheritdoc/>
    public override int CostBytes => 64;
}
