namespace Weft.Runs;

/// <summary>
/// Decides which runs of one thread are admitted, in which order they start, and which are cancelled for a new one. It holds the
/// state for these decisions and nothing else: no I/O, no clock, no locks. It is not safe for concurrent use.
/// </summary>
/// <param name="backlog">Counts the runs of all threads; null if they are not counted.</param>
internal sealed class ThreadCoordinator(RunBacklog? backlog = null)
{
    private readonly List<ActiveRun> _pending = [];

    /// <summary>The run that executes; null if none does.</summary>
    public ActiveRun? Running { get; private set; }

    /// <summary>The runs that wait, in the order of creation.</summary>
    public IReadOnlyList<ActiveRun> Pending => _pending;

    public bool IsIdle => Running is null && _pending.Count == 0;

    /// <summary>Decides whether a new run is admitted, and which runs it cancels (docs/protocol/runs.md C3).</summary>
    public Admission Admit(MultitaskStrategy strategy) => strategy switch
    {
        _ when IsIdle => new Admission(true, [], default),
        MultitaskStrategy.Reject => new Admission(false, [], default),
        MultitaskStrategy.Interrupt => new Admission(true, InFlight(), CancelAction.Interrupt),
        MultitaskStrategy.Rollback => new Admission(true, InFlight(), CancelAction.Rollback),
        _ => new Admission(true, [], default),
    };

    /// <summary>Adds an admitted run, the newest of the thread. The backlog counts it already.</summary>
    public void Add(ActiveRun run) => _pending.Add(run);

    /// <summary>Returns the next run that may start; null if a run is running or none may start.</summary>
    public ActiveRun? FindNext(Moment moment) =>
        Running is null ? _pending.Find(run => run.WaitAt(moment) == TimeSpan.Zero) : null;

    /// <summary>
    /// Makes the next run that may start the running one; null if a run is running or none may start. Runs start in the order of
    /// creation, but later runs pass a run whose time has not come.
    /// </summary>
    public ActiveRun? StartNext(Moment moment)
    {
        var next = Running is null ? _pending.FindIndex(run => run.WaitAt(moment) == TimeSpan.Zero) : -1;
        if (next < 0)
        {
            return null;
        }

        Running = _pending[next];
        _pending.RemoveAt(next);
        return Running;
    }

    /// <summary>Returns the time until the next run may start; null if a run is running or none waits.</summary>
    public TimeSpan? WaitAt(Moment moment) => Running is null && _pending.Count > 0 ? _pending.Min(run => run.WaitAt(moment)) : null;

    public ActiveRun? Find(RunId runId) => Running?.RunId == runId ? Running : _pending.Find(run => run.RunId == runId);

    /// <summary>Replaces the runs that wait with these, in this order, without the run that executes.</summary>
    public void Restore(IEnumerable<ActiveRun> inOrder)
    {
        var waiting = inOrder.Where(run => !ReferenceEquals(run, Running)).ToList();
        waiting.ForEach(run => backlog?.Add(run));
        _pending.ForEach(run => backlog?.Remove(run));
        _pending.Clear();
        _pending.AddRange(waiting);
    }

    /// <summary>Removes a run that has ended.</summary>
    public void Remove(ActiveRun run)
    {
        if (ReferenceEquals(Running, run))
        {
            Running = null;
            backlog?.Remove(run);
        }
        else if (_pending.Remove(run))
        {
            backlog?.Remove(run);
        }
    }

    /// <summary>Returns the runs that have not ended: the one that executes, then those that wait.</summary>
    public List<ActiveRun> InFlight() => Running is null ? [.. _pending] : [Running, .. _pending];
}

/// <summary>The coordinator's decision about a new run.</summary>
/// <param name="IsAdmitted">Whether it may be stored.</param>
/// <param name="Cancelled">The runs that are cancelled for it.</param>
/// <param name="Action">How they are cancelled.</param>
internal readonly record struct Admission(bool IsAdmitted, IReadOnlyList<ActiveRun> Cancelled, CancelAction Action);
