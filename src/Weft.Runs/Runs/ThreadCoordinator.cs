namespace Weft.Runs;

/// <summary>
/// Decides about the runs of one thread: which are admitted, in which order they start, which give way. It holds what it
/// decides on and does nothing else: no I/O, no clock, no locks. One caller at a time.
/// </summary>
/// <param name="backlog">Counts the runs of all threads, when given.</param>
internal sealed class ThreadCoordinator(RunBacklog? backlog = null)
{
    private readonly List<ActiveRun> _pending = [];

    /// <summary>The run that executes.</summary>
    public ActiveRun? Running { get; private set; }

    /// <summary>The runs that wait, in the order of creation.</summary>
    public IReadOnlyList<ActiveRun> Pending => _pending;

    public bool IsIdle => Running is null && _pending.Count == 0;

    /// <summary>Whether a new run is admitted, and which ones it sets aside (protocol, section C3).</summary>
    public Admission Admit(MultitaskStrategy strategy) => strategy switch
    {
        _ when IsIdle => new Admission(true, [], default),
        MultitaskStrategy.Reject => new Admission(false, [], default),
        MultitaskStrategy.Interrupt => new Admission(true, InFlight(), CancelAction.Interrupt),
        MultitaskStrategy.Rollback => new Admission(true, InFlight(), CancelAction.Rollback),
        _ => new Admission(true, [], default),
    };

    /// <summary>Adds an admitted run, the newest of the thread.</summary>
    public void Add(ActiveRun run)
    {
        _pending.Add(run);
        backlog?.Add(1);
    }

    /// <summary>
    /// Makes the next run that may start the running one; null when one runs, or none may. Runs start in the order of creation;
    /// one whose time has not come lets later ones pass.
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

    /// <summary>How long it is until the next run may start; null when one runs, or none waits.</summary>
    public TimeSpan? WaitAt(Moment moment) => Running is null && _pending.Count > 0 ? _pending.Min(run => run.WaitAt(moment)) : null;

    public ActiveRun? Find(RunId runId) => Running?.RunId == runId ? Running : _pending.Find(run => run.RunId == runId);

    /// <summary>Replaces the runs that wait: with these, in this order, but for the one that executes.</summary>
    public void Restore(IEnumerable<ActiveRun> inOrder)
    {
        var waiting = inOrder.Where(run => !ReferenceEquals(run, Running)).ToList();
        backlog?.Add(waiting.Count - _pending.Count);
        _pending.Clear();
        _pending.AddRange(waiting);
    }

    /// <summary>Takes out a run that has ended.</summary>
    public void Remove(ActiveRun run)
    {
        if (ReferenceEquals(Running, run))
        {
            Running = null;
            backlog?.Add(-1);
        }
        else if (_pending.Remove(run))
        {
            backlog?.Add(-1);
        }
    }

    /// <summary>The runs that have not ended: the one that executes, then those that wait.</summary>
    public List<ActiveRun> InFlight() => Running is null ? [.. _pending] : [Running, .. _pending];
}

/// <summary>What the coordinator decides about a new run.</summary>
/// <param name="IsAdmitted">Whether it may be stored.</param>
/// <param name="Cancelled">The runs that give way to it.</param>
/// <param name="Action">How.</param>
internal readonly record struct Admission(bool IsAdmitted, IReadOnlyList<ActiveRun> Cancelled, CancelAction Action);
