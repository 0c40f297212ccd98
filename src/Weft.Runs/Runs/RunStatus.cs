namespace Weft.Runs;

/// <summary>The status of a run (docs/protocol/runs.md C1).</summary>
public enum RunStatus
{
    /// <summary>Stored, not started.</summary>
    Pending,

    /// <summary>Being executed.</summary>
    Running,

    /// <summary>Finished, or paused at an interrupt or a breakpoint.</summary>
    Success,

    /// <summary>Failed.</summary>
    Error,

    /// <summary>Stopped by the server's time limit.</summary>
    Timeout,

    /// <summary>Cancelled by a client or by another run.</summary>
    Interrupted,
}
