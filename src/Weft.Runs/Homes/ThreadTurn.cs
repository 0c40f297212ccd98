namespace Weft.Runs;

/// <summary>
/// A caller's turn at a session. Only the caller that has it may use the thread's coordinator. When the turn ends, the next run
/// that is due starts and the next caller gets its turn. Then listeners and observers are notified of the runs that ended in this one.
/// </summary>
internal readonly struct ThreadTurn(ThreadSession session) : IAsyncDisposable
{
    public ThreadSession Session => session;

    public ThreadId ThreadId => session.ThreadId;

    public ThreadCoordinator Runs => session.Runs;

    /// <summary>Adds a run whose end is stored, so that it is reported to telemetry and to observers.</summary>
    /// <param name="run">The run.</param>
    /// <param name="record">The run as it is stored now.</param>
    /// <param name="outcome">Its outcome.</param>
    public void AddEnded(ActiveRun run, RunRecord record, RunOutcome outcome) => session.AddEnded(run, record, outcome);

    public ValueTask DisposeAsync() => session.LeaveAsync();
}
