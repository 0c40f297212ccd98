namespace Weft.Runs;

/// <summary>The services that the sessions of all threads use.</summary>
internal sealed record SessionServices(
    IRunStore Runs,
    RunAdmission Admission,
    RunCancellation Cancellation,
    RunTakeover Takeover,
    ThreadClaims Claims,
    RunEnding Ending,
    RunScheduler Scheduler,
    RunObservers Observers,
    RunTelemetry Telemetry,
    RunBacklog Backlog,
    RecoverySignal Recovery,
    ThreadHeadCache Heads,
    RunStreams Streams,
    SharedClock Time,
    SafeLogger<ThreadSession> Logger,
    IMovedRuns? Moved = null);
