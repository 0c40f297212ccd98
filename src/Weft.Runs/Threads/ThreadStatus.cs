namespace Weft.Runs;

/// <summary>The status of a thread (docs/protocol/threads.md C2).</summary>
public enum ThreadStatus
{
    /// <summary>No run is pending or running.</summary>
    Idle,

    /// <summary>A run is pending or running.</summary>
    Busy,

    /// <summary>
    /// The newest checkpoint has tasks to run next, because of an interrupt, a breakpoint, or a run that was cancelled before its
    /// end.
    /// </summary>
    Interrupted,

    /// <summary>The last run failed.</summary>
    Error,
}
