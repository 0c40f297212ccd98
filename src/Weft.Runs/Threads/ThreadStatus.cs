namespace Weft.Runs;

/// <summary>What a thread is doing (protocol, section C2).</summary>
public enum ThreadStatus
{
    /// <summary>Nothing runs and nothing is pending.</summary>
    Idle,

    /// <summary>A run is pending or running.</summary>
    Busy,

    /// <summary>The head checkpoint has tasks to run next: an interrupt, a breakpoint, or a run that was cancelled midway.</summary>
    Interrupted,

    /// <summary>The last run failed.</summary>
    Error,
}
