namespace Weft.Runs;

/// <summary>
/// Decides about the runs of one thread: which are admitted, in which order they start, which give way. It holds what it
/// decides on and does nothing else: no I/O, no clock, no locks. One caller at a time.
/// </summary>
internal sealed class ThreadCoordinator
{
    private readonly List<ActiveRun> _pending = [];

    /// <summary>The run that executes.</summary>
    public ActiveRun? Running { get; private set; }

    /// <summary>The runs that wait, in the order in which they will start.</summary>
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

    /// <summary>Adds an admitted run. Runs start in the order in which they are due, and of one due time in the order of creation.</summary>
    public void Add(ActiveRun run)
    {
        var due = Due(run);
        var at = _pending.FindIndex(other => Due(other) > due);
        _pending.Insert(at < 0 ? _pending.Count : at, run);
    }

    /// <summary>Makes the next run that is due the running one; null when one runs, none is due, or none waits.</summary>
    public ActiveRun? StartNext(DateTimeOffset now)
    {
        if (Running is not null || _pending.Count == 0 || Due(_pending[0]) > now)
        {
            return null;
        }

        Running = _pending[0];
        _pending.RemoveAt(0);
        return Running;
    }

    /// <summary>When the next run is due that waits for its time; null when none does.</summary>
    public DateTimeOffset? NextDue => Running is null && _pending.Count > 0 ? Due(_pending[0]) : null;

    public ActiveRun? Find(RunId runId) => Running?.RunId == runId ? Running : _pending.Find(run => run.RunId == runId);

    /// <summary>Takes out a run that has ended.</summary>
    public void Remove(ActiveRun run)
    {
        if (ReferenceEquals(Running, run))
        {
            Running = null;
        }
        else
        {
            _pending.Remove(run);
        }
    }

    /// <summary>The runs that have not ended, in the order in which they will.</summary>
    public List<ActiveRun> InFlight() => Running is null ? [.. _pending] : [Running, .. _pending];

    private static DateTimeOffset Due(ActiveRun run) => run.Record.NotBefore ?? run.Record.CreatedAt;
}

/// <summary>What the coordinator decides about a new run.</summary>
/// <param name="IsAdmitted">Whether it may be stored.</param>
/// <param name="Cancelled">The runs that give way to it.</param>
/// <param name="Action">How.</param>
internal readonly record struct Admission(bool IsAdmitted, IReadOnlyList<ActiveRun> Cancelled, CancelAction Action);
