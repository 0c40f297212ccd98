namespace Weft.Runs;

/// <summary>
/// A caller's turn at a session: whoever has it is the only one that uses the thread's coordinator. When the turn ends, the next
/// run that is due starts, and observers are notified of the runs that ended in it, after the next caller was let in.
/// </summary>
internal readonly struct ThreadTurn(ThreadSession session) : IAsyncDisposable
{
    public ThreadSession Session => session;

    public ThreadId ThreadId => session.ThreadId;

    public ThreadCoordinator Runs => session.Runs;

    /// <summary>Has observers notified of a run whose end is stored.</summary>
    public void AddEnded(RunRecord run, RunOutcome outcome) => session.AddEnded(run, outcome);

    public ValueTask DisposeAsync() => session.LeaveAsync();
}
