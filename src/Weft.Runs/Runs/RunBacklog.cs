namespace Weft.Runs;

/// <summary>Counts the runs of this server that have not ended, including those that execute, in all and of each actor.</summary>
internal sealed class RunBacklog(RunsOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _ofActors = [];
    private int _count;
    private int _foreign;

    public int Count => Volatile.Read(ref _count);

    /// <summary>How many of the runs wait for a server of the cluster that has their graph.</summary>
    public int ForeignCount => Volatile.Read(ref _foreign);

    /// <summary>Counts new runs before they are stored, if the server and the actor may have them.</summary>
    /// <exception cref="WeftException">A limit is reached. None of the runs is counted.</exception>
    public void Admit(string actor, int count)
    {
        lock (_lock)
        {
            if (_count + count > (long)options.ConcurrentRunsMax + options.QueuedRunsMax)
            {
                throw new WeftException(
                    ProblemKind.Overloaded,
                    $"The server has reached its limit of waiting runs ({options.QueuedRunsMax}). Try again later.");
            }

            if (options.UnfinishedRunsPerActorMax is { } max && _ofActors.GetValueOrDefault(actor) + count > max)
            {
                throw new WeftException(
                    ProblemKind.Overloaded, $"The caller may have at most {max} runs that have not ended. Try again later.")
                {
                    IsOfActor = true,
                };
            }

            Change(actor, count);
        }
    }

    /// <summary>Counts runs that are unfinished already, or that are admitted in any case.</summary>
    public void Add(string actor, int count = 1)
    {
        lock (_lock)
        {
            Change(actor, count);
        }
    }

    /// <summary>Counts runs that have ended, or that were not stored.</summary>
    public void Remove(string actor, int count = 1) => Add(actor, -count);

    /// <summary>Counts a run of this server that is unfinished.</summary>
    public void Add(ActiveRun run) => Change(run, 1);

    /// <summary>Stops counting a run that has ended or was given to another server.</summary>
    public void Remove(ActiveRun run) => Change(run, -1);

    private void Change(ActiveRun run, int count)
    {
        lock (_lock)
        {
            Change(run.Record.Owner, count);
            Volatile.Write(ref _foreign, _foreign + (run.IsForeign ? count : 0));
        }
    }

    private void Change(string actor, int count)
    {
        Volatile.Write(ref _count, _count + count);
        var left = _ofActors.GetValueOrDefault(actor) + count;
        if (left == 0)
        {
            _ofActors.Remove(actor);
        }
        else
        {
            _ofActors[actor] = left;
        }
    }
}
