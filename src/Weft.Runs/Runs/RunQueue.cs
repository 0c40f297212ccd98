namespace Weft.Runs;

/// <summary>
/// The runs that wait to execute, and how many of each actor execute. The actors take turns, so that one with many runs does not
/// delay another with few. It is not safe for concurrent use.
/// </summary>
/// <param name="perActorMax">How many runs of one actor may execute at once.</param>
internal sealed class RunQueue(int perActorMax)
{
    private readonly Dictionary<string, ActorRuns> _actors = [];
    private readonly Dictionary<ActiveRun, LinkedListNode<ActiveRun>> _places = [];

    // The actors that have a run that may execute now, in the order of their turns.
    private readonly LinkedList<ActorRuns> _turns = new();

    /// <summary>Whether another run of an actor may execute.</summary>
    public bool HasRoom(string actor) => !_actors.TryGetValue(actor, out var runs) || runs.Executing < perActorMax;

    /// <summary>Adds a run, after those of its actor that wait.</summary>
    public void Add(ActiveRun run)
    {
        var actor = ActorOf(run);
        _places.Add(run, actor.Waiting.AddLast(run));
        Update(actor);
    }

    /// <summary>Removes a run that waits; false if it does not wait here.</summary>
    public bool TryRemove(ActiveRun run)
    {
        if (!_places.Remove(run, out var place))
        {
            return false;
        }

        var actor = ActorOf(run);
        actor.Waiting.Remove(place);
        Update(actor);
        return true;
    }

    /// <summary>Moves the next run that may execute to those that execute, and returns it; null if there is none.</summary>
    public ActiveRun? Take()
    {
        if (_turns.First is not { Value: { Waiting.First: { Value: var next } first } actor } turn)
        {
            return null;
        }

        actor.Waiting.Remove(first);
        _places.Remove(next);
        actor.Executing++;
        // The other actors come first.
        _turns.Remove(turn);
        _turns.AddLast(turn);
        Update(actor);
        return next;
    }

    /// <summary>Counts a run that begins to execute and did not wait here.</summary>
    public void Begin(ActiveRun run)
    {
        var actor = ActorOf(run);
        actor.Executing++;
        Update(actor);
    }

    /// <summary>Counts a run that does not execute any more.</summary>
    public void End(ActiveRun run)
    {
        var actor = ActorOf(run);
        actor.Executing--;
        Update(actor);
    }

    /// <summary>Removes all runs that wait.</summary>
    public void Clear()
    {
        foreach (var run in _places.Keys.ToList())
        {
            TryRemove(run);
        }
    }

    private ActorRuns ActorOf(ActiveRun run)
    {
        var name = run.Record.Owner;
        if (!_actors.TryGetValue(name, out var actor))
        {
            _actors.Add(name, actor = new ActorRuns(name));
        }

        return actor;
    }

    /// <summary>Gives an actor its turn if a run of it may execute, and forgets an actor that has no run.</summary>
    private void Update(ActorRuns actor)
    {
        var isReady = actor.Waiting.Count > 0 && actor.Executing < perActorMax;
        if (isReady != (actor.Turn.List is not null))
        {
            if (isReady)
            {
                _turns.AddLast(actor.Turn);
            }
            else
            {
                _turns.Remove(actor.Turn);
            }
        }

        if (actor is { Executing: 0, Waiting.Count: 0 })
        {
            _actors.Remove(actor.Name);
        }
    }

    /// <summary>The runs of one actor.</summary>
    private sealed class ActorRuns
    {
        public ActorRuns(string name)
        {
            Name = name;
            Turn = new LinkedListNode<ActorRuns>(this);
        }

        public string Name { get; }

        public LinkedList<ActiveRun> Waiting { get; } = new();

        public int Executing { get; set; }

        /// <summary>Its place among the turns, which is in no list if none of its runs may execute.</summary>
        public LinkedListNode<ActorRuns> Turn { get; }
    }
}
