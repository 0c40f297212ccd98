namespace Weft.Runs;

/// <summary>What to do with a run that is cancelled (docs/protocol/runs.md C8).</summary>
public enum CancelAction
{
    /// <summary>Stop the run and keep what it has done.</summary>
    Interrupt,

    /// <summary>Stop the run, and remove it with all that it has done.</summary>
    Rollback,
}
