namespace Weft.Graphs;

/// <summary>One execution of a node in one superstep.</summary>
internal sealed class NodeTask(PendingTask pending, GraphNode node, string id, int index, string graphNamespace, TaskOutcome? saved)
{
    /// <summary>Its index among the tasks of the superstep.</summary>
    public int Index { get; } = index;

    public PendingTask Pending { get; } = pending;

    public GraphNode Node { get; } = node;

    public string Id { get; } = id;

    /// <summary>The outcome of an earlier execution, if there was one.</summary>
    public TaskOutcome? Saved { get; set; } = saved;

    /// <summary>The run's input, when this is the task that applies it.</summary>
    public NodeResult? Given { get; init; }

    /// <summary>
    /// The checkpoint namespace of the graphs inside the task. It is computed on each call, because few callers need
    /// it.
    /// </summary>
    public string Namespace => CheckpointNamespace.OfTask(graphNamespace, Node.Name, Id);

    public TaskWrites? Writes { get; set; } = saved?.Writes;

    /// <summary>Whether it stopped to be resumed.</summary>
    public bool IsPaused { get; set; }

    /// <summary>
    /// The interrupts of the task or of the graphs inside it; empty if one of those graphs paused at a breakpoint.
    /// </summary>
    public IReadOnlyList<Interrupt> Interrupts { get; set; } = [];

    /// <summary>How many of <see cref="Interrupts"/>, the first ones, the task asked itself.</summary>
    public int OwnInterrupts { get; set; }

    /// <summary>The questions that its order does not identify; null until it pauses.</summary>
    public IReadOnlyList<TaskQuestion>? Asked { get; set; }

    public Exception? Error { get; set; }

    /// <summary>The text that is stored and streamed for the error; null means its message.</summary>
    public string? ErrorText { get; set; }

    /// <summary>The state with this task's own writes applied; null if no branch needed it.</summary>
    public ChannelValues? Seen { get; set; }

    /// <summary>Whether the result comes from the node cache.</summary>
    public bool IsCached { get; set; }

    public bool IsFinished => Writes is not null;

    /// <summary>The current try, or the last one; null before the first.</summary>
    public NodeAttempt? Attempt { get; set; }

    /// <summary>How many tries have started.</summary>
    public int Tries { get; set; }

    /// <summary>Its execution, if it does not run in the loop.</summary>
    public Task? Work { get; set; }

    /// <summary>
    /// The namespace of the graph that the node is or runs; null if no such graph is known, or if it stores no
    /// checkpoints.
    /// </summary>
    public string? SubgraphNamespace => Node.FindSubgraph(0) is not { Options.Persistence: not SubgraphPersistence.None } subgraph ? null
        : subgraph.Options.Persistence == SubgraphPersistence.PerThread ? CheckpointNamespace.OfNode(graphNamespace, Node.Name)
        : Namespace;

    /// <summary>The graphs that the node is or names and that store checkpoints, with their namespaces.</summary>
    public IEnumerable<(CompiledGraph Graph, string Namespace)> KnownGraphs()
    {
        var graphs = Node.Subgraph is { } subgraph ? [subgraph] : Node.Options.Subgraphs;
        for (var number = 0; number < graphs.Count; number++)
        {
            if (graphs[number].Options.Persistence != SubgraphPersistence.None)
            {
                var home = graphs[number].Options.Persistence == SubgraphPersistence.PerThread
                    ? CheckpointNamespace.OfNode(graphNamespace, Node.Name)
                    : Namespace;
                yield return (graphs[number], CheckpointNamespace.OfCall(home, number));
            }
        }
    }

    /// <summary>The same task, without the results of a run.</summary>
    public NodeTask Again() => new(Pending, Node, Id, Index, graphNamespace, Saved) { Given = Given };

    /// <summary>The nodes whose code is running: those of a graph inside it, or else its own.</summary>
    public IReadOnlyList<string> UnfinishedNodes() =>
        Attempt?.Inside?.UnfinishedNodes() is { Count: > 0 } inside ? [.. inside.Select(name => $"{Node.Name}|{name}")] : [Node.Name];

    public TaskOutcome ToOutcome() => new()
    {
        TaskId = Id,
        Writes = Writes,
        Interrupts = Interrupts,
        IsPaused = IsPaused,
        Resumes = Saved?.Resumes ?? [],
        Questions = Asked ?? Saved?.Questions ?? [],
        // If the task failed, its answers may be the cause. They are kept so that other answers can replace them.
        Answers = Error is null ? TaskOutcome.NoAnswers : Saved?.Answers ?? TaskOutcome.NoAnswers,
        ResumedBy = Saved?.ResumedBy,
        Before = Saved is { ResumedBy: not null } resumed ? resumed.Before : null,
        Error = Error is null ? null : ErrorText ?? Error.Message,
    };
}
