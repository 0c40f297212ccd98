namespace Weft.Runs;

/// <summary>How a new run affects the runs of its thread that have not ended (docs/protocol/runs.md C3).</summary>
public enum MultitaskStrategy
{
    /// <summary>The new run is refused.</summary>
    Reject,

    /// <summary>The others are cancelled. What they have done is kept.</summary>
    Interrupt,

    /// <summary>The others are removed with all that they have done.</summary>
    Rollback,

    /// <summary>The new run waits until the others have ended.</summary>
    Enqueue,
}
