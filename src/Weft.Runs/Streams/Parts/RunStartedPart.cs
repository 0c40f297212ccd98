using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The first part of a run's attempt. It identifies the run.</summary>
/// <param name="runId">As <see cref="RunId"/>.</param>
/// <param name="threadId">As <see cref="ThreadId"/>.</param>
/// <param name="attempt">As <see cref="Attempt"/>.</param>
public sealed class RunStartedPart(RunId runId, ThreadId threadId, int attempt) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.None;

    /// <summary>The run.</summary>
    public RunId RunId => runId;

    /// <summary>The thread of the run.</summary>
    public ThreadId ThreadId => threadId;

    /// <summary>The attempt, counted from 1.</summary>
    public int Attempt => attempt;

    /// <summary>The graph of the run; null if it is unknown.</summary>
    public string? GraphId { get; init; }

    /// <inheritdoc/>
    public override int CostBytes => 128;
}
