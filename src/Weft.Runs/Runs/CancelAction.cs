namespace Weft.Runs;

/// <summary>What to do with a run that is cancelled (protocol, section C8).</summary>
public enum CancelAction
{
    /// <summary>Stop it; what it has done stays.</summary>
    Interrupt,

    /// <summary>Stop it and remove it with all that it has done.</summary>
    Rollback,
}
